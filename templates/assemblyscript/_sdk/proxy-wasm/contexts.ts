// SPDX-License-Identifier: Apache-2.0

/** The contexts that plugins derive theirs from; every callback may be left as it is. */

import { proxy_done, proxy_set_effective_context } from "./env";
import { accepted } from "./status";
import {
  LocalResponse,
  StreamType,
  closeStream,
  continueStream,
  sendLocalResponse,
} from "./streams";

/** What the host does next with the stream. */
export enum Action {
  /** It goes on. */
  Continue = 0,
  /** It waits: for `continueRequest` or `continueResponse`, or for the rest of the body. */
  Pause = 1,
}

export abstract class Context {
  constructor(readonly id: u32) {}

  /**
   * An `HttpCall` of this context has been answered, or has failed: it has no headers then. What
   * the answer was is in `httpCallHeaders`, `httpCallBody` and `httpCallTrailers`.
   */
  onHttpCallResponse(token: u32, headerCount: u32, bodySize: u32, trailerCount: u32): void {}

  /**
   * The stream, or the plugin, has come to its end. A plugin that has something left to do returns
   * false, and calls `done` when it has done it. Of a stream, Envoy does not look at the answer.
   */
  onDone(): bool {
    return true;
  }

  /** All is known of the stream; of a plugin context, there is an entry for an access log. */
  onLog(): void {}

  /** The last callback of this context. */
  onDelete(): void {}

  /**
   * Makes this context the one that the hostcalls of this callback are about: its maps, bodies and
   * properties, its lines in the log. False if it has gone.
   */
  enter(): bool {
    return accepted(proxy_set_effective_context(this.id), "proxy_set_effective_context");
  }
}

/** One plugin with its configuration; several can live in one VM, each with a context. */
export abstract class PluginContext extends Context {
  /** The VM of the plugin has started; false refuses to run. */
  onVmStart(vmConfiguration: ArrayBuffer): bool {
    return true;
  }

  /** The plugin gets its configuration; false refuses it, which the log should explain. */
  onConfigure(configuration: ArrayBuffer): bool {
    return true;
  }

  /** The period that `time.tickEvery` was told has passed. */
  onTick(): void {}

  /** There is a message in a queue that this context has registered. */
  onQueueReady(queueId: u32): void {}

  /** The host calls by a number of its own; `foreignFunctionArguments` has `size` bytes. */
  onForeignFunction(functionId: u32, size: u32): void {}

  /** Ends the wait that `onDone` asked for by returning false; false if nobody waits. */
  done(): bool {
    return this.enter() && accepted(proxy_done(), "proxy_done");
  }

  /** The context of a new stream. */
  createHttpContext(id: u32): HttpContext {
    return new HttpContext(id);
  }
}

/** One request and its response. */
export class HttpContext extends Context {
  /** The request has `count` headers; `endOfStream` says that no body follows. */
  onRequestHeaders(count: u32, endOfStream: bool): Action {
    return Action.Continue;
  }

  /**
   * `size` bytes of the request's body are in `requestBody`; `endOfStream` says that they are the
   * last, and that no trailers follow. After a pause they come together with those after them.
   */
  onRequestBody(size: u32, endOfStream: bool): Action {
    return Action.Continue;
  }

  /** The request ends with `count` trailers. */
  onRequestTrailers(count: u32): Action {
    return Action.Continue;
  }

  /** The response has `count` headers; `endOfStream` says that no body follows. */
  onResponseHeaders(count: u32, endOfStream: bool): Action {
    return Action.Continue;
  }

  /** `size` bytes of the response's body are in `responseBody`; see `onRequestBody`. */
  onResponseBody(size: u32, endOfStream: bool): Action {
    return Action.Continue;
  }

  /** The response ends with `count` trailers. */
  onResponseTrailers(count: u32): Action {
    return Action.Continue;
  }

  // The methods below may be called in the callbacks of other contexts, too. Hostcalls made after
  // them, in the same callback, are about this stream.

  /** Lets the paused request go on; false if the host refused. */
  continueRequest(): bool {
    return this.enter() && continueStream(StreamType.HttpRequest);
  }

  /** Lets the paused response go on; false if the host refused. */
  continueResponse(): bool {
    return this.enter() && continueStream(StreamType.HttpResponse);
  }

  /** Answers in the upstream's place; the callback that does so returns `Action.Pause`. */
  respond(response: LocalResponse): bool {
    return this.enter() && sendLocalResponse(response);
  }

  /** Resets the stream, without an answer. */
  reset(): bool {
    return this.enter() && closeStream(StreamType.HttpRequest);
  }
}
