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
