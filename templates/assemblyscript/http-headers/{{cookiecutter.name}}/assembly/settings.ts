import { JsonArray, JsonReader, JsonValue } from "./proxy-wasm/json";
import { Header, HeaderRules } from "./header-rules";
import { isHeaderName, isHeaderValue } from "./header-syntax";

/** The configuration of the plugin. */
export class Settings {
  readonly request: HeaderRules = new HeaderRules();
  readonly response: HeaderRules = new HeaderRules();
}

/** The settings in `text`; what is wrong with them is noted in `reader`. */
export function readSettings(text: string, reader: JsonReader): Settings {
  const settings = new Settings();
  if (text.length == 0) return settings;
  const members = reader.parse(text);
  const names = members.keys();
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    if (name == "request") readRules(members.get(name), name, reader, settings.request);
    else if (name == "response") readRules(members.get(name), name, reader, settings.response);
    else reader.unknown(name, "request and response");
  }
  return settings;
}

function readRules(value: JsonValue, path: string, reader: JsonReader, rules: HeaderRules): void {
  const members = reader.members(value, path);
  const names = members.keys();
  for (let index = 0; index < names.length; index++) {
    const field = `${path}.${names[index]}`;
    const member = members.get(names[index]);
    if (names[index] == "remove") readNames(member, field, reader, rules.remove);
    else if (names[index] == "set") readHeaders(member, field, reader, rules.replace, false);
    else if (names[index] == "add") readHeaders(member, field, reader, rules.add, true);
    else reader.unknown(field, "remove, set and add");
  }
}

function readNames(value: JsonValue, path: string, reader: JsonReader, names: string[]): void {
  const items = reader.items(value, path);
  for (let index = 0; index < items.length; index++) {
    const field = `${path}[${index}]`;
    const name = reader.text(items[index], field);
    if (!isHeaderName(name)) reader.refuse(field, `"${name}" is not the name of a header`);
    names.push(name);
  }
}

function readHeaders(
  value: JsonValue,
  path: string,
  reader: JsonReader,
  headers: Header[],
  repeats: bool,
): void {
  const members = reader.members(value, path);
  const names = members.keys();
  for (let index = 0; index < names.length; index++) {
    const field = `${path}.${names[index]}`;
    const member = members.get(names[index]);
    if (!isHeaderName(names[index])) reader.refuse(field, "not the name of a header");
    if (repeats && member instanceof JsonArray) {
      const values = (member as JsonArray).items;
      for (let place = 0; place < values.length; place++) {
        const text = readValue(values[place], `${field}[${place}]`, reader);
        headers.push(new Header(names[index], text));
      }
    } else headers.push(new Header(names[index], readValue(member, field, reader)));
  }
}

function readValue(value: JsonValue, path: string, reader: JsonReader): string {
  const text = reader.text(value, path);
  if (!isHeaderValue(text)) reader.refuse(path, "control characters cannot be sent in a header");
  return text;
}
