import { JsonReader, JsonValue } from "./proxy-wasm/json";

const LONGEST_TIMEOUT = 60_000;

/** The configuration of the plugin. */
export class Settings {
  cluster: string = "";
  authority: string = "";
  path: string = "/check";
  timeout: u32 = 250;
  /** Whether a request goes on where the service fails. */
  isOpen: bool = false;
}

/** The settings in `text`; what is wrong with them is noted in `reader`. */
export function readSettings(text: string, reader: JsonReader): Settings {
  const settings = new Settings();
  const members = reader.parse(text);
  const names = members.keys();
  for (let index = 0; index < names.length; index++) {
    readMember(names[index], members.get(names[index]), reader, settings);
  }
  if (settings.cluster.length == 0) reader.refuse("cluster", "the name of a cluster is needed");
  if (settings.authority.length == 0) settings.authority = settings.cluster;
  return settings;
}

function readMember(name: string, value: JsonValue, reader: JsonReader, settings: Settings): void {
  if (name == "cluster") settings.cluster = reader.text(value, name);
  else if (name == "authority") settings.authority = readWord(value, name, "", reader);
  else if (name == "path") settings.path = readWord(value, name, "/", reader);
  else if (name == "timeout_milliseconds") {
    settings.timeout = <u32>reader.integer(value, name, 1, LONGEST_TIMEOUT);
  } else if (name == "on_failure") settings.isOpen = readPolicy(value, name, reader);
  else reader.unknown(name, "cluster, authority, path, timeout_milliseconds and on_failure");
}

function readWord(value: JsonValue, path: string, start: string, reader: JsonReader): string {
  const word = reader.text(value, path);
  if (!isVisible(word)) reader.refuse(path, "expected visible ASCII characters");
  if (!word.startsWith(start)) reader.refuse(path, `expected a text that begins with ${start}`);
  return word;
}

function readPolicy(value: JsonValue, path: string, reader: JsonReader): bool {
  const policy = reader.text(value, path);
  if (policy != "deny" && policy != "allow") reader.refuse(path, "expected deny or allow");
  return policy == "allow";
}

function isVisible(text: string): bool {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit <= 0x20 || unit >= 0x7f) return false;
  }
  return text.length > 0;
}
