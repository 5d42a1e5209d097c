// SPDX-License-Identifier: Apache-2.0

/**
 * Text to bytes and back.
 *
 * Header values are bytes that anybody may send. The decoder of the standard library believes
 * every lead byte, so that one stray byte swallows the characters behind it and overlong forms
 * become characters they must not be. This one follows the Unicode standard (table 3-7): each
 * maximal ill-formed part becomes one U+FFFD and nothing behind it is lost.
 */

const REPLACEMENT: u32 = 0xfffd;

export namespace utf8 {
  /** The UTF-8 bytes of `text`; half a surrogate pair is written as U+FFFD. */
  export function encode(text: string): ArrayBuffer {
    return String.UTF8.encode(text, false, String.UTF8.ErrorMode.REPLACE);
  }

  /** The text of `bytes`; what is not UTF-8 becomes U+FFFD. */
  export function decode(bytes: ArrayBuffer): string {
    return decodeAt(changetype<usize>(bytes), bytes.byteLength);
  }

  /** The text of the `size` bytes at `address`. */
  export function decodeAt(address: usize, size: usize): string {
    // A byte never becomes more than one UTF-16 unit.
    const units = heap.alloc(size << 1);
    const end = transcode(address, address + size, units);
    const text = String.UTF16.decodeUnsafe(units, end - units);
    heap.free(units);
    return text;
  }
}

function transcode(from: usize, end: usize, to: usize): usize {
  while (from < end) {
    const lead: u32 = load<u8>(from);
    const trails = trailCount(lead);
    const found = matchingTrails(from, end, lead, trails);
    to = storeCodePoint(to, found == trails ? codePoint(from, lead, trails) : REPLACEMENT);
    from += 1 + found;
  }
  return to;
}

/** How many bytes must follow `lead`; none follow a byte that cannot lead. */
function trailCount(lead: u32): u32 {
  if (lead >= 0xc2 && lead <= 0xdf) return 1;
  if (lead >= 0xe0 && lead <= 0xef) return 2;
  if (lead >= 0xf0 && lead <= 0xf4) return 3;
  return 0;
}

function matchingTrails(from: usize, end: usize, lead: u32, wanted: u32): u32 {
  let found: u32 = 0;
  while (found < wanted && from + 1 + found < end) {
    if (!mayFollow(load<u8>(from + 1 + found), lead, found)) break;
    found++;
  }
  return found;
}

// Narrower ranges for the second byte keep out overlong forms, surrogates and what lies beyond
// U+10FFFF.
function mayFollow(byte: u32, lead: u32, index: u32): bool {
  let low: u32 = 0x80;
  let high: u32 = 0xbf;
  if (index == 0) {
    if (lead == 0xe0) low = 0xa0;
    else if (lead == 0xed) high = 0x9f;
    else if (lead == 0xf0) low = 0x90;
    else if (lead == 0xf4) high = 0x8f;
  }
  return byte >= low && byte <= high;
}

function codePoint(from: usize, lead: u32, trails: u32): u32 {
  if (trails == 0) return lead < 0x80 ? lead : REPLACEMENT;
  let point = lead & (0x3f >> trails);
  for (let index: u32 = 1; index <= trails; index++) {
    point = (point << 6) | (load<u8>(from + index) & 0x3f);
  }
  return point;
}

function storeCodePoint(to: usize, point: u32): usize {
  if (point < 0x10000) {
    store<u16>(to, point);
    return to + 2;
  }
  store<u16>(to, 0xd7c0 + (point >> 10));
  store<u16>(to + 2, 0xdc00 + (point & 0x3ff));
  return to + 4;
}
