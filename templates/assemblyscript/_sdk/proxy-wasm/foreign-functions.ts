// SPDX-License-Identifier: Apache-2.0

import { Body, BufferType } from "./buffer";
import { proxy_call_foreign_function } from "./env";
import { RETURNED_ADDRESS, RETURNED_SIZE, addressOf, takeBytes } from "./memory";
import { accepted } from "./status";
import { utf8 } from "./utf8";

/** What the host was told, in `onForeignFunction`. */
export const foreignFunctionArguments = new Body(BufferType.ForeignFunctionArguments);

/** Calls a function that this host has beyond the specification; null if it refused. */
export function callForeignFunction(name: string, value: ArrayBuffer): ArrayBuffer | null {
  const bytes = utf8.encode(name);
  // A function that returns nothing leaves both as they are.
  store<usize>(RETURNED_ADDRESS, 0);
  store<usize>(RETURNED_SIZE, 0);
  const status = proxy_call_foreign_function(
    addressOf(bytes), bytes.byteLength,
    addressOf(value), value.byteLength,
    RETURNED_ADDRESS, RETURNED_SIZE,
  );
  return accepted(status, "proxy_call_foreign_function") ? takeBytes() : null;
}
