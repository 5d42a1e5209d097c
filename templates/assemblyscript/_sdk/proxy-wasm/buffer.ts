// SPDX-License-Identifier: Apache-2.0

import { proxy_get_buffer_bytes, proxy_get_buffer_status, proxy_set_buffer_bytes } from "./env";
import {
  RETURNED_ADDRESS,
  RETURNED_NUMBER,
  RETURNED_SIZE,
  addressOf,
  takeBytes,
} from "./memory";
import { accepted } from "./status";

/** The buffers of the host, numbered as in the specification; TCP has 2 and 3, gRPC has 5. */
export enum BufferType {
  HttpRequestBody = 0,
  HttpResponseBody = 1,
  HttpCallResponseBody = 4,
  VmConfiguration = 6,
  PluginConfiguration = 7,
  ForeignFunctionArguments = 8,
}

/** Up to `maxSize` bytes of a buffer, from `start` on; none if the host refuses. */
export function readBuffer(type: BufferType, start: u32, maxSize: u32): ArrayBuffer {
  if (maxSize == 0) return new ArrayBuffer(0);
  const status = proxy_get_buffer_bytes(type, start, maxSize, RETURNED_ADDRESS, RETURNED_SIZE);
  return accepted(status, "proxy_get_buffer_bytes") ? takeBytes() : new ArrayBuffer(0);
}

/**
 * The bytes of a body that the host holds: those that came with the current callback and, where
 * the callbacks before it paused, all that came with those. What is put there is what goes on.
 *
 * A change of a body leaves `content-length` as it was: remove that header in the callback of the
 * headers, before it goes on.
 */
export class Body {
  constructor(private readonly type: BufferType) {}

  /** How many bytes there are; 0 if the host refuses. */
  get size(): u32 {
    const status = proxy_get_buffer_status(this.type, RETURNED_SIZE, RETURNED_NUMBER);
    return accepted(status, "proxy_get_buffer_status") ? load<u32>(RETURNED_SIZE) : 0;
  }

  /** Up to `maxSize` bytes from `start` on; none if the host refuses. */
  read(start: u32 = 0, maxSize: u32 = i32.MAX_VALUE): ArrayBuffer {
    return readBuffer(this.type, start, maxSize);
  }

  /** Puts `bytes` in the place of all there are; false if the host refused. */
  replace(bytes: ArrayBuffer): bool {
    return this.write(0, u32.MAX_VALUE, bytes);
  }

  /** Puts `bytes` before those that are there; false if the host refused. */
  prepend(bytes: ArrayBuffer): bool {
    return this.write(0, 0, bytes);
  }

  /** Puts `bytes` behind those that are there; false if the host refused. */
  append(bytes: ArrayBuffer): bool {
    return this.write(this.size, 0, bytes);
  }

  /**
   * Puts `bytes` in the place of `size` bytes from `start` on; false if the host refused, as Envoy
   * does where `start` is neither 0 nor the end.
   */
  write(start: u32, size: u32, bytes: ArrayBuffer): bool {
    const status = proxy_set_buffer_bytes(
      this.type, start, size, addressOf(bytes), bytes.byteLength,
    );
    return accepted(status, "proxy_set_buffer_bytes");
  }
}

export const requestBody = new Body(BufferType.HttpRequestBody);
export const responseBody = new Body(BufferType.HttpResponseBody);
