// SPDX-License-Identifier: Apache-2.0

/** What happens to a stream at the word of its plugin. */

import { proxy_close_stream, proxy_continue_stream, proxy_send_local_response } from "./env";
import { addressOf } from "./memory";
import { Pair, serializePairs } from "./pairs";
import { accepted } from "./status";
import { utf8 } from "./utf8";

/** The halves of a stream, numbered as in the specification; TCP has 2 and 3. */
export enum StreamType {
  HttpRequest = 0,
  HttpResponse = 1,
}

/** A response of the plugin itself. */
export class LocalResponse {
  headers: Pair[] = [];
  body: ArrayBuffer = new ArrayBuffer(0);
  /** What the proxy's access log says of it. */
  details: string = "";
  /** Told to clients that speak gRPC; -1: what the proxy makes of the status. */
  grpcStatus: i32 = -1;

  constructor(readonly status: u32) {}

  /** Adds a header. */
  header(name: string, value: string): this {
    this.headers.push(Pair.of(name, value));
    return this;
  }

  /** Sets the body. */
  text(body: string): this {
    this.body = utf8.encode(body);
    return this;
  }
}

/** Lets the paused half of the current stream go on. */
export function continueStream(type: StreamType): bool {
  return accepted(proxy_continue_stream(type), "proxy_continue_stream");
}

/** Resets the current stream. */
export function closeStream(type: StreamType): bool {
  return accepted(proxy_close_stream(type), "proxy_close_stream");
}

/** Answers the client of the current stream. */
export function sendLocalResponse(response: LocalResponse): bool {
  const details = utf8.encode(response.details);
  const headers = serializePairs(response.headers);
  const status = proxy_send_local_response(
    response.status,
    addressOf(details), details.byteLength,
    addressOf(response.body), response.body.byteLength,
    addressOf(headers), headers.byteLength,
    response.grpcStatus,
  );
  return accepted(status, "proxy_send_local_response");
}
