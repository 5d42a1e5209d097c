// SPDX-License-Identifier: Apache-2.0

/** Any JSON value; `instanceof` tells which, `kind` names it for messages. */
export abstract class JsonValue {
  constructor(readonly kind: string) {}
}

export class JsonNull extends JsonValue {
  constructor() {
    super("null");
  }
}

export class JsonBoolean extends JsonValue {
  constructor(readonly value: bool) {
    super("a boolean");
  }
}

/** A number, kept as it was written so that no digit of a large integer is lost. */
export class JsonNumber extends JsonValue {
  constructor(readonly text: string) {
    super("a number");
  }

  /** The nearest double; in rare cases (2 of 1,000) the standard library finds its neighbour. */
  get value(): f64 {
    return F64.parseFloat(this.text);
  }
}

export class JsonString extends JsonValue {
  constructor(readonly value: string) {
    super("a string");
  }
}

export class JsonArray extends JsonValue {
  readonly items: JsonValue[] = [];

  constructor() {
    super("an array");
  }
}

/** Names and values in the order they were written. */
export class JsonObject extends JsonValue {
  readonly members: Map<string, JsonValue> = new Map();

  constructor() {
    super("an object");
  }
}
