// SPDX-License-Identifier: Apache-2.0

/**
 * Bytes that cross the border between the plugin and its host.
 *
 * The host puts what it returns into blocks it gets from `malloc`. They are taken from the plain
 * heap, which the garbage collector neither moves nor frees and which never starts a collection,
 * so a hostcall cannot disturb the objects whose addresses it was given. The plugin owns these
 * blocks: every `take…` function copies one into an object and frees it.
 */

import { utf8 } from "./utf8";

/** Where hostcalls write the address and the size of the bytes they return. */
export const RETURNED_ADDRESS: usize = memory.data(sizeof<usize>(), sizeof<usize>());
export const RETURNED_SIZE: usize = memory.data(sizeof<usize>(), sizeof<usize>());

/** Where hostcalls write a number they return, of 4 or 8 bytes. */
export const RETURNED_NUMBER: usize = memory.data(8, 8);

/** Gives the host a block to return bytes in. */
export function malloc(size: usize): usize {
  return heap.alloc(size);
}

/** The returned bytes as an object; to be called once after a hostcall that answered Ok. */
export function takeBytes(): ArrayBuffer {
  const size = load<usize>(RETURNED_SIZE);
  const bytes = new ArrayBuffer(<i32>size);
  memory.copy(changetype<usize>(bytes), load<usize>(RETURNED_ADDRESS), size);
  freeReturned();
  return bytes;
}

/** The returned bytes as text; what is not UTF-8 in them becomes U+FFFD. */
export function takeText(): string {
  const text = utf8.decodeAt(load<usize>(RETURNED_ADDRESS), load<usize>(RETURNED_SIZE));
  freeReturned();
  return text;
}

// Hosts return nothing as address 0, without asking `malloc` for a block.
function freeReturned(): void {
  const address = load<usize>(RETURNED_ADDRESS);
  if (address != 0) heap.free(address);
}

/** The address of the bytes, for a hostcall made while `bytes` is still referred to. */
// @ts-ignore: decorator
@inline
export function addressOf(bytes: ArrayBuffer): usize {
  return changetype<usize>(bytes);
}
