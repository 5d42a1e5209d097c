// SPDX-License-Identifier: Apache-2.0

/** What `Cursor.current` answers behind the last unit. */
export const END: i32 = -1;

/** A text, how far it has been read, and the first thing found wrong with it. */
export class Cursor {
  offset: i32 = 0;
  error: string = "";

  constructor(private readonly text: string) {}

  /** The UTF-16 unit at the offset. */
  current(): i32 {
    return this.offset < this.text.length ? this.text.charCodeAt(this.offset) : END;
  }

  /** Passes white space and answers the unit behind it. */
  peek(): i32 {
    while (isWhiteSpace(this.current())) this.offset++;
    return this.current();
  }

  /** Passes `unit`, if it is next. */
  take(unit: i32): bool {
    if (this.current() != unit) return false;
    this.offset++;
    return true;
  }

  /** Passes white space, and `unit` if it is next then. */
  takeToken(unit: i32): bool {
    this.peek();
    return this.take(unit);
  }

  takeWord(word: string): bool {
    if (!this.text.startsWith(word, this.offset)) return false;
    this.offset += word.length;
    return true;
  }

  /** Passes decimal digits; false if there are none. */
  takeDigits(): bool {
    const start = this.offset;
    while (isDigit(this.current())) this.offset++;
    return this.offset > start;
  }

  /** The text between `start` and the offset. */
  since(start: i32): string {
    return this.text.substring(start, this.offset);
  }

  /** Writes the error down, with its place, and returns false. */
  refuse(problem: string, offset: i32 = this.offset): bool {
    const before = this.text.substring(0, offset);
    const line = before.split("\n").length;
    const column = offset - before.lastIndexOf("\n");
    const end = offset >= this.text.length ? ", where the text ends" : "";
    this.error = `${problem} at offset ${offset} (line ${line}, column ${column}${end})`;
    return false;
  }
}

export function isDigit(unit: i32): bool {
  return unit >= 0x30 && unit <= 0x39;
}

function isWhiteSpace(unit: i32): bool {
  return unit == 0x20 || unit == 0x0a || unit == 0x0d || unit == 0x09;
}
