import { utf8 } from "./proxy-wasm";
import { JsonReader, JsonValue } from "./proxy-wasm/json";
import { Replacement } from "./replacement";

const MOST_BYTES = 16_777_216;

/** The configuration of the plugin. */
export class Settings {
  readonly request: Replacement[] = [];
  readonly response: Replacement[] = [];
  maxBytes: u32 = 262_144;
}

/** The settings in `text`; what is wrong with them is noted in `reader`. */
export function readSettings(text: string, reader: JsonReader): Settings {
  const settings = new Settings();
  if (text.length == 0) return settings;
  const members = reader.parse(text);
  const names = members.keys();
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    const value = members.get(name);
    if (name == "request") readReplacements(value, name, reader, settings.request);
    else if (name == "response") readReplacements(value, name, reader, settings.response);
    else if (name == "max_bytes")
      settings.maxBytes = <u32>reader.integer(value, name, 1, MOST_BYTES);
    else reader.unknown(name, "request, response and max_bytes");
  }
  return settings;
}

function readReplacements(
  value: JsonValue,
  path: string,
  reader: JsonReader,
  replacements: Replacement[],
): void {
  const items = reader.items(value, path);
  for (let index = 0; index < items.length; index++) {
    replacements.push(readReplacement(items[index], `${path}[${index}]`, reader));
  }
}

function readReplacement(value: JsonValue, path: string, reader: JsonReader): Replacement {
  const members = reader.members(value, path);
  const names = members.keys();
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    if (name != "find" && name != "replace") reader.unknown(`${path}.${name}`, "find and replace");
  }
  const find = readText(members, "find", path, reader);
  if (find.length == 0) reader.refuse(`${path}.find`, "nothing cannot be looked for");
  const replace = readText(members, "replace", path, reader);
  return new Replacement(utf8.encode(find), utf8.encode(replace));
}

function readText(
  members: Map<string, JsonValue>,
  name: string,
  path: string,
  reader: JsonReader,
): string {
  if (members.has(name)) return reader.text(members.get(name), `${path}.${name}`);
  reader.refuse(`${path}.${name}`, "needed");
  return "";
}
