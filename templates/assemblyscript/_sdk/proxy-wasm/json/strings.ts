// SPDX-License-Identifier: Apache-2.0

import { Cursor, END, isDigit } from "./cursor";

const SPACE: i32 = 0x20;
const QUOTE: i32 = 0x22;
const BACKSLASH: i32 = 0x5c;
const LETTER_U: i32 = 0x75;

/** The string whose opening quote the cursor stands at, or null. */
export function parseString(cursor: Cursor): string | null {
  const units = new Array<u16>();
  cursor.offset++;
  while (!cursor.take(QUOTE)) {
    const done = cursor.current() == BACKSLASH
      ? takeEscape(cursor, units)
      : takeCharacter(cursor, units);
    if (!done) return null;
  }
  return String.UTF16.decodeUnsafe(units.dataStart, <usize>units.length << 1);
}

function takeCharacter(cursor: Cursor, units: u16[]): bool {
  const unit = cursor.current();
  if (unit == END) return cursor.refuse("the string is not closed");
  if (unit < SPACE) return cursor.refuse("control character in a string");
  cursor.offset++;
  units.push(<u16>unit);
  return true;
}

function takeEscape(cursor: Cursor, units: u16[]): bool {
  const start = cursor.offset++;
  if (cursor.take(LETTER_U)) return takeUnicodeEscape(cursor, units, start);
  const unit = unescape(cursor.current());
  if (unit == END) return cursor.refuse("unknown escape", start);
  cursor.offset++;
  units.push(<u16>unit);
  return true;
}

/** What `unit` stands for behind a backslash, or END. */
function unescape(unit: i32): i32 {
  switch (unit) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f: return unit;
    case 0x62: return 0x08;
    case 0x66: return 0x0c;
    case 0x6e: return 0x0a;
    case 0x72: return 0x0d;
    case 0x74: return 0x09;
    default: return END;
  }
}

function takeUnicodeEscape(cursor: Cursor, units: u16[], start: i32): bool {
  const unit = takeHex(cursor);
  if (unit < 0) return cursor.refuse("expected four hexadecimal digits", start);
  units.push(<u16>unit);
  if (unit < 0xd800 || unit > 0xdfff) return true;
  const isFirst = unit < 0xdc00;
  const second = isFirst && cursor.take(BACKSLASH) && cursor.take(LETTER_U) ? takeHex(cursor) : -1;
  if (second < 0xdc00 || second > 0xdfff) return cursor.refuse("half a surrogate pair", start);
  units.push(<u16>second);
  return true;
}

/** The value of four hexadecimal digits, or -1. */
function takeHex(cursor: Cursor): i32 {
  let value = 0;
  for (let index = 0; index < 4; index++) {
    const digit = hexDigit(cursor.current());
    if (digit < 0) return -1;
    value = (value << 4) | digit;
    cursor.offset++;
  }
  return value;
}

function hexDigit(unit: i32): i32 {
  if (isDigit(unit)) return unit - 0x30;
  const lower = unit | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
