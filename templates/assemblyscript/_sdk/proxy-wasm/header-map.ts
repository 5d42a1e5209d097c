// SPDX-License-Identifier: Apache-2.0

import {
  proxy_add_header_map_value,
  proxy_get_header_map_pairs,
  proxy_get_header_map_size,
  proxy_get_header_map_value,
  proxy_remove_header_map_value,
  proxy_replace_header_map_value,
  proxy_set_header_map_pairs,
} from "./env";
import { RETURNED_ADDRESS, RETURNED_SIZE, addressOf, takeBytes, takeText } from "./memory";
import { Pair, parsePairs, serializePairs } from "./pairs";
import { Status, accepted } from "./status";
import { utf8 } from "./utf8";

/** The maps of the host, numbered as in the specification; gRPC has 4 and 5. */
export enum MapType {
  RequestHeaders = 0,
  RequestTrailers = 1,
  ResponseHeaders = 2,
  ResponseTrailers = 3,
  HttpCallResponseHeaders = 6,
  HttpCallResponseTrailers = 7,
}

/**
 * A header map, or the trailers, of the current stream or of the answer to an HTTP call.
 *
 * A map can be changed in the callback it belongs to and read in `onLog`; at any other time the
 * host refuses, which is logged. The answer to a call can only be read. Hosts give names in lower
 * case and take them in any case.
 */
export class HeaderMap {
  constructor(private readonly type: MapType) {}

  /** The first value of a header, or null. */
  get(name: string): string | null {
    return this.find(name) ? takeText() : null;
  }

  /** The first value of a header as it was sent, or null. */
  getBytes(name: string): ArrayBuffer | null {
    return this.find(name) ? takeBytes() : null;
  }

  /** All values of a header; the name must be in lower case. */
  getAll(name: string): string[] {
    const values = new Array<string>();
    const pairs = this.pairs();
    for (let index = 0; index < pairs.length; index++) {
      if (pairs[index].name == name) values.push(pairs[index].value);
    }
    return values;
  }

  /** All headers, those whose name starts with a colon first. */
  pairs(): Pair[] {
    const status = proxy_get_header_map_pairs(this.type, RETURNED_ADDRESS, RETURNED_SIZE);
    return accepted(status, "proxy_get_header_map_pairs") ? parsePairs(takeBytes()) : [];
  }

  /** How many bytes its names and values have; 0 where the map cannot be changed now. */
  get size(): u32 {
    const status = proxy_get_header_map_size(this.type, RETURNED_SIZE);
    return accepted(status, "proxy_get_header_map_size") ? load<u32>(RETURNED_SIZE) : 0;
  }

  /** Puts these in the place of all there are; false if the host refused. */
  setPairs(pairs: Pair[]): bool {
    const bytes = serializePairs(pairs);
    const status = proxy_set_header_map_pairs(this.type, addressOf(bytes), bytes.byteLength);
    return accepted(status, "proxy_set_header_map_pairs");
  }

  /** Adds a value to those the header has; false if the host refused. */
  add(name: string, value: string): bool {
    return this.addBytes(name, utf8.encode(value));
  }

  addBytes(name: string, value: ArrayBuffer): bool {
    const key = utf8.encode(name);
    const status = proxy_add_header_map_value(
      this.type, addressOf(key), key.byteLength, addressOf(value), value.byteLength,
    );
    return accepted(status, "proxy_add_header_map_value");
  }

  /** Makes `value` the only value of the header; false if the host refused. */
  replace(name: string, value: string): bool {
    return this.replaceBytes(name, utf8.encode(value));
  }

  replaceBytes(name: string, value: ArrayBuffer): bool {
    const key = utf8.encode(name);
    const status = proxy_replace_header_map_value(
      this.type, addressOf(key), key.byteLength, addressOf(value), value.byteLength,
    );
    return accepted(status, "proxy_replace_header_map_value");
  }

  /** Removes all values of the header, if it is there; false if the host refused. */
  remove(name: string): bool {
    const key = utf8.encode(name);
    const status = proxy_remove_header_map_value(this.type, addressOf(key), key.byteLength);
    return accepted(status, "proxy_remove_header_map_value");
  }

  private find(name: string): bool {
    const key = utf8.encode(name);
    const status = proxy_get_header_map_value(
      this.type, addressOf(key), key.byteLength, RETURNED_ADDRESS, RETURNED_SIZE,
    );
    return status != Status.NotFound && accepted(status, "proxy_get_header_map_value");
  }
}

export const requestHeaders = new HeaderMap(MapType.RequestHeaders);
export const requestTrailers = new HeaderMap(MapType.RequestTrailers);
export const responseHeaders = new HeaderMap(MapType.ResponseHeaders);
export const responseTrailers = new HeaderMap(MapType.ResponseTrailers);
