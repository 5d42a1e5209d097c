// SPDX-License-Identifier: Apache-2.0

/** The contexts that plugins derive theirs from; every callback may be left as it is. */

/** What the host does next with the stream. */
export enum Action {
  Continue = 0,
}

export abstract class Context {
  constructor(readonly id: u32) {}

  /** The stream, or the plugin, has come to its end. */
  onDone(): void {}

  /** Called once all is known of a stream; for a plugin context, for each entry of an access log. */
  onLog(): void {}

  /** The last callback of this context. */
  onDelete(): void {}
}

/** One plugin with its configuration. Several can live in one VM, each with a context of its own. */
export abstract class PluginContext extends Context {
  /** The VM of the plugin has started; false refuses to run. */
  onVmStart(vmConfiguration: ArrayBuffer): bool {
    return true;
  }

  /** The plugin gets its configuration; false refuses it, which the log should explain. */
  onConfigure(configuration: ArrayBuffer): bool {
    return true;
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

  /** The response has `count` headers; `endOfStream` says that no body follows. */
  onResponseHeaders(count: u32, endOfStream: bool): Action {
    return Action.Continue;
  }
}
