// SPDX-License-Identifier: Apache-2.0

/**
 * The serialized form of header maps and of properties that are maps: the number of pairs, the
 * size of each name and value, then each name and value with a zero byte behind it. All numbers
 * are 32 bits, little endian.
 */

import { log } from "./log";
import { utf8 } from "./utf8";

const COUNT_SIZE: u64 = 4;
const SIZES_SIZE: u64 = 8;
const TERMINATOR_SIZE: u64 = 1;

/** A name and a value, which are bytes and usually text. */
export class Pair {
  constructor(
    readonly nameBytes: ArrayBuffer,
    readonly valueBytes: ArrayBuffer,
  ) {}

  /** A pair of texts. */
  static of(name: string, value: string): Pair {
    return new Pair(utf8.encode(name), utf8.encode(value));
  }

  get name(): string {
    return utf8.decode(this.nameBytes);
  }

  get value(): string {
    return utf8.decode(this.valueBytes);
  }
}

/** The pairs in `bytes`, in their order; none, and an error in the log, if they are damaged. */
export function parsePairs(bytes: ArrayBuffer): Pair[] {
  const pairs = new Array<Pair>();
  if (bytes.byteLength == 0) return pairs;
  if (!isWhole(bytes)) {
    log.error("the host returned damaged pairs");
    return pairs;
  }
  const address = changetype<usize>(bytes);
  const count = load<u32>(address);
  let from = <i32>(COUNT_SIZE + SIZES_SIZE * count);
  for (let index: u32 = 0; index < count; index++) {
    const nameEnd = from + nameSize(address, index);
    const valueStart = nameEnd + <i32>TERMINATOR_SIZE;
    const valueEnd = valueStart + valueSize(address, index);
    pairs.push(new Pair(bytes.slice(from, nameEnd), bytes.slice(valueStart, valueEnd)));
    from = valueEnd + <i32>TERMINATOR_SIZE;
  }
  return pairs;
}

/** The bytes of `pairs`, in their order. */
export function serializePairs(pairs: Pair[]): ArrayBuffer {
  const bytes = new ArrayBuffer(serializedSize(pairs));
  const address = changetype<usize>(bytes);
  store<u32>(address, pairs.length);
  let to = address + <usize>(COUNT_SIZE + SIZES_SIZE * pairs.length);
  for (let index = 0; index < pairs.length; index++) {
    const sizes = address + <usize>(COUNT_SIZE + SIZES_SIZE * index);
    store<u32>(sizes, pairs[index].nameBytes.byteLength);
    store<u32>(sizes + sizeof<u32>(), pairs[index].valueBytes.byteLength);
    to = storeTerminated(to, pairs[index].nameBytes);
    to = storeTerminated(to, pairs[index].valueBytes);
  }
  return bytes;
}

function serializedSize(pairs: Pair[]): i32 {
  let size = COUNT_SIZE;
  for (let index = 0; index < pairs.length; index++) {
    const pair = pairs[index];
    size += SIZES_SIZE + 2 * TERMINATOR_SIZE;
    size += pair.nameBytes.byteLength + pair.valueBytes.byteLength;
  }
  return <i32>size;
}

// A new ArrayBuffer is all zeros, so that the byte behind is there already.
function storeTerminated(to: usize, bytes: ArrayBuffer): usize {
  memory.copy(to, changetype<usize>(bytes), bytes.byteLength);
  return to + bytes.byteLength + <usize>TERMINATOR_SIZE;
}

// Sums are made in 64 bits, so that no size can wrap around and look right.
function isWhole(bytes: ArrayBuffer): bool {
  const size = <u64>bytes.byteLength;
  if (size < COUNT_SIZE) return false;
  const address = changetype<usize>(bytes);
  const count: u32 = load<u32>(address);
  let needed = COUNT_SIZE + SIZES_SIZE * count;
  if (needed > size) return false;
  for (let index: u32 = 0; index < count; index++) {
    needed += <u64><u32>nameSize(address, index) + TERMINATOR_SIZE;
    needed += <u64><u32>valueSize(address, index) + TERMINATOR_SIZE;
  }
  return needed == size;
}

function nameSize(address: usize, index: u32): i32 {
  return load<i32>(address + <usize>(COUNT_SIZE + SIZES_SIZE * index));
}

function valueSize(address: usize, index: u32): i32 {
  return load<i32>(address + <usize>(COUNT_SIZE + SIZES_SIZE * index) + sizeof<u32>());
}
