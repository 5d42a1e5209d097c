// SPDX-License-Identifier: Apache-2.0

import { Cursor, END, isDigit } from "./cursor";
import { parseString } from "./strings";
import {
  JsonArray,
  JsonBoolean,
  JsonNull,
  JsonNumber,
  JsonObject,
  JsonString,
  JsonValue,
} from "./values";

/** How many arrays and objects may stand inside each other. */
const MAX_DEPTH: i32 = 64;

const QUOTE: i32 = 0x22;
const PLUS: i32 = 0x2b;
const COMMA: i32 = 0x2c;
const MINUS: i32 = 0x2d;
const DOT: i32 = 0x2e;
const ZERO: i32 = 0x30;
const COLON: i32 = 0x3a;
const UPPER_E: i32 = 0x45;
const OPEN_BRACKET: i32 = 0x5b;
const CLOSE_BRACKET: i32 = 0x5d;
const LOWER_E: i32 = 0x65;
const OPEN_BRACE: i32 = 0x7b;
const CLOSE_BRACE: i32 = 0x7d;

/**
 * Parses one text as RFC 8259 defines it, and no more: a repeated name and half a surrogate pair
 * are refused as well, since both hide a mistake.
 *
 * AssemblyScript has no exceptions. A method that fails leaves the error in the cursor and
 * returns null or false, and so does each of its callers.
 */
export class JsonParser {
  private readonly cursor: Cursor;
  private depth: i32 = 0;

  constructor(text: string) {
    this.cursor = new Cursor(text);
  }

  /** What is wrong and where, once `parse` has returned null. */
  get error(): string {
    return this.cursor.error;
  }

  /** The value of the whole text, or null. */
  parse(): JsonValue | null {
    const value = this.parseValue();
    if (value == null) return null;
    return this.cursor.peek() == END ? value : this.refuse("expected the end");
  }

  private parseValue(): JsonValue | null {
    const next = this.cursor.peek();
    if (next == OPEN_BRACE) return this.parseObject();
    if (next == OPEN_BRACKET) return this.parseArray();
    if (next == QUOTE) return this.parseText();
    if (next == MINUS || isDigit(next)) return this.parseNumber();
    if (this.cursor.takeWord("true")) return new JsonBoolean(true);
    if (this.cursor.takeWord("false")) return new JsonBoolean(false);
    if (this.cursor.takeWord("null")) return new JsonNull();
    return this.refuse("expected a value");
  }

  private parseObject(): JsonValue | null {
    const object = new JsonObject();
    if (!this.enter()) return null;
    if (!this.cursor.takeToken(CLOSE_BRACE)) {
      do {
        if (!this.parseMember(object.members)) return null;
      } while (this.cursor.takeToken(COMMA));
      if (!this.cursor.takeToken(CLOSE_BRACE)) return this.refuse("expected ',' or '}'");
    }
    this.depth--;
    return object;
  }

  private parseMember(members: Map<string, JsonValue>): bool {
    if (this.cursor.peek() != QUOTE) return this.cursor.refuse("expected a name in quotes");
    const start = this.cursor.offset;
    const name = parseString(this.cursor);
    if (name == null) return false;
    if (members.has(name)) return this.cursor.refuse(`the name "${name}" is repeated`, start);
    if (!this.cursor.takeToken(COLON)) return this.cursor.refuse("expected ':'");
    const value = this.parseValue();
    if (value == null) return false;
    members.set(name, value);
    return true;
  }

  private parseArray(): JsonValue | null {
    const array = new JsonArray();
    if (!this.enter()) return null;
    if (!this.cursor.takeToken(CLOSE_BRACKET)) {
      do {
        const item = this.parseValue();
        if (item == null) return null;
        array.items.push(item);
      } while (this.cursor.takeToken(COMMA));
      if (!this.cursor.takeToken(CLOSE_BRACKET)) return this.refuse("expected ',' or ']'");
    }
    this.depth--;
    return array;
  }

  private parseText(): JsonValue | null {
    const text = parseString(this.cursor);
    return text == null ? null : new JsonString(text);
  }

  private parseNumber(): JsonValue | null {
    const cursor = this.cursor;
    const start = cursor.offset;
    cursor.take(MINUS);
    // A leading zero stands alone, so that nobody wonders whether 010 is eight.
    if (!cursor.take(ZERO) && !cursor.takeDigits()) return this.refuse("expected a digit");
    if (cursor.take(DOT) && !cursor.takeDigits()) return this.refuse("expected a digit");
    if (cursor.take(LOWER_E) || cursor.take(UPPER_E)) {
      if (!cursor.take(PLUS)) cursor.take(MINUS);
      if (!cursor.takeDigits()) return this.refuse("expected a digit");
    }
    return new JsonNumber(cursor.since(start));
  }

  /** Passes the opening bracket, unless the value lies too deep. */
  private enter(): bool {
    if (++this.depth > MAX_DEPTH) return this.cursor.refuse(`more than ${MAX_DEPTH} levels`);
    this.cursor.offset++;
    return true;
  }

  private refuse(problem: string): JsonValue | null {
    this.cursor.refuse(problem);
    return null;
  }
}
