import { JsonArray, JsonObject, JsonParser, JsonString, JsonValue } from "./proxy-wasm/json";
import { Header, HeaderRules } from "./header-rules";
import { isHeaderName, isHeaderValue } from "./header-syntax";

/** The configuration of the plugin. */
export class Settings {
  readonly request: HeaderRules = new HeaderRules();
  readonly response: HeaderRules = new HeaderRules();
}

/**
 * Reads the configuration, all of it or nothing: whatever it does not know or expect it refuses,
 * with an error that names the field.
 */
export class SettingsReader {
  /** The first thing found wrong, once `read` has returned null. */
  error: string = "";

  /** The settings in `text`; a plugin without a configuration changes nothing. */
  read(text: string): Settings | null {
    const settings = new Settings();
    if (text.length == 0) return settings;
    const parser = new JsonParser(text);
    const document = parser.parse();
    if (document == null) this.error = `not valid JSON: ${parser.error}`;
    else this.readSettings(document, settings);
    return this.error.length == 0 ? settings : null;
  }

  private readSettings(value: JsonValue, settings: Settings): void {
    const members = this.membersOf(value, "");
    const names = members.keys();
    for (let index = 0; index < names.length; index++) {
      const name = names[index];
      if (name == "request") this.readRules(members.get(name), name, settings.request);
      else if (name == "response") this.readRules(members.get(name), name, settings.response);
      else this.refuse(name, "unknown field, known are request and response");
    }
  }

  private readRules(value: JsonValue, path: string, rules: HeaderRules): void {
    const members = this.membersOf(value, path);
    const names = members.keys();
    for (let index = 0; index < names.length; index++) {
      const field = `${path}.${names[index]}`;
      const member = members.get(names[index]);
      if (names[index] == "remove") this.readNames(member, field, rules.remove);
      else if (names[index] == "set") this.readHeaders(member, field, rules.replace, false);
      else if (names[index] == "add") this.readHeaders(member, field, rules.add, true);
      else this.refuse(field, "unknown field, known are remove, set and add");
    }
  }

  private readNames(value: JsonValue, path: string, names: string[]): void {
    if (!(value instanceof JsonArray)) return this.mismatch(path, "an array", value);
    const items = (value as JsonArray).items;
    for (let index = 0; index < items.length; index++) {
      const item = items[index];
      const field = `${path}[${index}]`;
      if (item instanceof JsonString) this.readName((item as JsonString).value, field, names);
      else this.mismatch(field, "a string", item);
    }
  }

  private readName(name: string, path: string, names: string[]): void {
    if (isHeaderName(name)) names.push(name);
    else this.refuse(path, `"${name}" is not the name of a header`);
  }

  private readHeaders(value: JsonValue, path: string, headers: Header[], repeats: bool): void {
    const members = this.membersOf(value, path);
    const names = members.keys();
    for (let index = 0; index < names.length; index++) {
      const field = `${path}.${names[index]}`;
      const member = members.get(names[index]);
      if (!isHeaderName(names[index])) this.refuse(field, "not the name of a header");
      else if (repeats && member instanceof JsonArray) {
        this.readValues(names[index], member as JsonArray, field, headers);
      } else this.readValue(names[index], member, field, headers);
    }
  }

  private readValues(name: string, values: JsonArray, path: string, headers: Header[]): void {
    for (let index = 0; index < values.items.length; index++) {
      this.readValue(name, values.items[index], `${path}[${index}]`, headers);
    }
  }

  private readValue(name: string, value: JsonValue, path: string, headers: Header[]): void {
    if (!(value instanceof JsonString)) return this.mismatch(path, "a string", value);
    const text = (value as JsonString).value;
    if (isHeaderValue(text)) headers.push(new Header(name, text));
    else this.refuse(path, "control characters cannot be sent in a header");
  }

  private membersOf(value: JsonValue, path: string): Map<string, JsonValue> {
    if (value instanceof JsonObject) return (value as JsonObject).members;
    this.mismatch(path, "an object", value);
    return new Map();
  }

  private mismatch(path: string, expected: string, value: JsonValue): void {
    this.refuse(path, `expected ${expected}, got ${value.kind}`);
  }

  private refuse(path: string, problem: string): void {
    if (this.error.length > 0) return;
    this.error = path.length == 0 ? problem : `${path}: ${problem}`;
  }
}
