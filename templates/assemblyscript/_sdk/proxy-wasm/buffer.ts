// SPDX-License-Identifier: Apache-2.0

import { proxy_get_buffer_bytes } from "./env";
import { RETURNED_ADDRESS, RETURNED_SIZE, takeBytes } from "./memory";
import { accepted } from "./status";

/** The buffers of the host that this SDK reads so far, numbered as in the specification. */
export enum BufferType {
  VmConfiguration = 6,
  PluginConfiguration = 7,
}

/** Up to `maxSize` bytes of a buffer, from `start` on; none if the host refuses. */
export function readBuffer(type: BufferType, start: u32, maxSize: u32): ArrayBuffer {
  if (maxSize == 0) return new ArrayBuffer(0);
  const status = proxy_get_buffer_bytes(type, start, maxSize, RETURNED_ADDRESS, RETURNED_SIZE);
  return accepted(status, "proxy_get_buffer_bytes") ? takeBytes() : new ArrayBuffer(0);
}
