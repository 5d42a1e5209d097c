// SPDX-License-Identifier: Apache-2.0

/** JSON (RFC 8259) for configurations; kept apart, as not every plugin needs it. */

export { JsonParser } from "./parser";
export { JsonReader } from "./reader";
export {
  JsonArray,
  JsonBoolean,
  JsonNull,
  JsonNumber,
  JsonObject,
  JsonString,
  JsonValue,
} from "./values";
