// SPDX-License-Identifier: Apache-2.0

/** HTTP requests of the plugin itself, to clusters that the proxy knows. */

import { BufferType, Body } from "./buffer";
import { Context } from "./contexts";
import { proxy_get_status, proxy_http_call } from "./env";
import { HeaderMap, MapType } from "./header-map";
import {
  RETURNED_ADDRESS,
  RETURNED_NUMBER,
  RETURNED_SIZE,
  addressOf,
  takeText,
} from "./memory";
import { Pair, serializePairs } from "./pairs";
import { accepted } from "./status";
import { utf8 } from "./utf8";

// Which context made the call of a token. Hosts answer to the plugin's own context, whichever
// stream asked, and answer every call, be it only that it failed.
const callers = new Map<u32, u32>();

/** A request, to be sent once. */
export class HttpCall {
  headers: Pair[] = [];
  body: ArrayBuffer = new ArrayBuffer(0);
  trailers: Pair[] = [];
  /** Tells the answer to this call from others, once it has been sent. */
  token: u32 = 0;

  /** `cluster` is the proxy's name of whom to ask; without an answer in time the call fails. */
  constructor(
    readonly cluster: string,
    method: string,
    authority: string,
    path: string,
    readonly timeoutMilliseconds: u32,
  ) {
    // Hosts refuse a call that lacks one of the three.
    this.header(":method", method).header(":authority", authority).header(":path", path);
  }

  /** Adds a header. */
  header(name: string, value: string): this {
    this.headers.push(Pair.of(name, value));
    return this;
  }

  /**
   * Sends the call; the answer comes to `onHttpCallResponse` of `context`, unless that has gone.
   * False if the host refused, as it does where it knows no such cluster.
   */
  send(context: Context): bool {
    const cluster = utf8.encode(this.cluster);
    const headers = serializePairs(this.headers);
    const trailers = serializePairs(this.trailers);
    const status = proxy_http_call(
      addressOf(cluster), cluster.byteLength,
      addressOf(headers), headers.byteLength,
      addressOf(this.body), this.body.byteLength,
      addressOf(trailers), trailers.byteLength,
      this.timeoutMilliseconds,
      RETURNED_NUMBER,
    );
    if (!accepted(status, "proxy_http_call")) return false;
    this.token = load<u32>(RETURNED_NUMBER);
    callers.set(this.token, context.id);
    return true;
  }
}

/** The number of the context that made the call, or 0; to be asked once. */
export function takeCaller(token: u32): u32 {
  if (!callers.has(token)) return 0;
  const id = callers.get(token);
  callers.delete(token);
  return id;
}

/** Why a call failed, as the host counts it and says it. */
export class CallFailure {
  constructor(
    readonly code: u32,
    readonly message: string,
  ) {}
}

/** Why the call failed that has no headers, in `onHttpCallResponse`; null if the host refused. */
export function httpCallFailure(): CallFailure | null {
  const status = proxy_get_status(RETURNED_NUMBER, RETURNED_ADDRESS, RETURNED_SIZE);
  if (!accepted(status, "proxy_get_status")) return null;
  return new CallFailure(load<u32>(RETURNED_NUMBER), takeText());
}

/** The answer to a call, in `onHttpCallResponse`. */
export const httpCallHeaders = new HeaderMap(MapType.HttpCallResponseHeaders);
export const httpCallBody = new Body(BufferType.HttpCallResponseBody);
export const httpCallTrailers = new HeaderMap(MapType.HttpCallResponseTrailers);
