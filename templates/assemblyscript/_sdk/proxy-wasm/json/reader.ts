// SPDX-License-Identifier: Apache-2.0

import { JsonParser } from "./parser";
import { JsonArray, JsonNumber, JsonObject, JsonString, JsonValue } from "./values";

/**
 * Reads a configuration, and notes the first thing that is not as it should be, with the path of
 * its field: `clients.alice`, `rules[2].name`. What a method returns then is a stand-in, so that
 * nothing has to be asked but `error`, once, at the end.
 */
export class JsonReader {
  /** The first thing found wrong; empty if there is nothing. */
  error: string = "";

  /** The members of the object that `text` must be. */
  parse(text: string): Map<string, JsonValue> {
    const parser = new JsonParser(text);
    const document = parser.parse();
    if (document != null) return this.members(document, "");
    this.refuse("", `not valid JSON: ${parser.error}`);
    return new Map();
  }

  /** The members of an object. */
  members(value: JsonValue, path: string): Map<string, JsonValue> {
    if (value instanceof JsonObject) return (value as JsonObject).members;
    this.mismatch(path, "an object", value);
    return new Map();
  }

  /** The items of an array. */
  items(value: JsonValue, path: string): JsonValue[] {
    if (value instanceof JsonArray) return (value as JsonArray).items;
    this.mismatch(path, "an array", value);
    return [];
  }

  text(value: JsonValue, path: string): string {
    if (value instanceof JsonString) return (value as JsonString).value;
    this.mismatch(path, "a string", value);
    return "";
  }

  /** A whole number from `lowest` to `highest`. */
  integer(value: JsonValue, path: string, lowest: i64, highest: i64): i64 {
    const expected = `a whole number from ${lowest} to ${highest}`;
    if (!(value instanceof JsonNumber)) {
      this.mismatch(path, expected, value);
      return lowest;
    }
    const number = (value as JsonNumber).value;
    if (number >= <f64>lowest && number <= <f64>highest && Math.floor(number) == number) {
      return <i64>number;
    }
    this.refuse(path, `expected ${expected}, got ${(value as JsonNumber).text}`);
    return lowest;
  }

  /** Refuses a member that nobody knows. */
  unknown(path: string, known: string): void {
    this.refuse(path, `unknown field, known are ${known}`);
  }

  /** Notes what is wrong, unless something has been noted before. */
  refuse(path: string, problem: string): void {
    if (this.error.length > 0) return;
    this.error = path.length == 0 ? problem : `${path}: ${problem}`;
  }

  private mismatch(path: string, expected: string, value: JsonValue): void {
    this.refuse(path, `expected ${expected}, got ${value.kind}`);
  }
}
