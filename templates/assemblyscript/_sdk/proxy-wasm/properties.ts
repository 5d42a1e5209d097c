// SPDX-License-Identifier: Apache-2.0

import { proxy_get_property, proxy_set_property } from "./env";
import { RETURNED_ADDRESS, RETURNED_SIZE, addressOf, takeBytes } from "./memory";
import { Pair, parsePairs } from "./pairs";
import { Status, accepted } from "./status";
import { utf8 } from "./utf8";

/**
 * What the proxy knows of the stream, the connection and itself. A path is the list of its parts,
 * such as `["source", "address"]`. Which paths there are is up to the proxy and to the callback.
 */
export namespace properties {
  /** The value as the host encodes it, or null if there is none. */
  export function getBytes(path: string[]): ArrayBuffer | null {
    const key = utf8.encode(path.join("\0"));
    const status = proxy_get_property(
      addressOf(key), key.byteLength, RETURNED_ADDRESS, RETURNED_SIZE,
    );
    // Hosts cannot serialize a value that is null, and say so instead of "not found".
    if (status == Status.NotFound || status == Status.SerializationFailure) return null;
    return accepted(status, "proxy_get_property") ? takeBytes() : null;
  }

  export function getText(path: string[]): string | null {
    const bytes = getBytes(path);
    return bytes ? utf8.decode(bytes) : null;
  }

  /** A whole number; times and durations count nanoseconds. */
  export function getInteger(path: string[], otherwise: i64): i64 {
    const bytes = getBytes(path);
    if (bytes == null || bytes.byteLength != sizeof<i64>()) return otherwise;
    return load<i64>(changetype<usize>(bytes));
  }

  export function getDouble(path: string[], otherwise: f64): f64 {
    const bytes = getBytes(path);
    if (bytes == null || bytes.byteLength != sizeof<f64>()) return otherwise;
    return load<f64>(changetype<usize>(bytes));
  }

  export function getBoolean(path: string[], otherwise: bool): bool {
    const bytes = getBytes(path);
    if (bytes == null || bytes.byteLength != 1) return otherwise;
    return load<u8>(changetype<usize>(bytes)) != 0;
  }

  /** A map, such as the request's headers or the parts of a list (as names without values). */
  export function getPairs(path: string[]): Pair[] {
    const bytes = getBytes(path);
    return bytes ? parsePairs(bytes) : [];
  }

  /** Sets a property of the stream, for plugins behind this one; false if the host refused. */
  export function setBytes(path: string[], value: ArrayBuffer): bool {
    const key = utf8.encode(path.join("\0"));
    const status = proxy_set_property(
      addressOf(key), key.byteLength, addressOf(value), value.byteLength,
    );
    return accepted(status, "proxy_set_property");
  }

  export function setText(path: string[], value: string): bool {
    return setBytes(path, utf8.encode(value));
  }
}
