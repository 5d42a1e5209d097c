import { JsonReader } from "./proxy-wasm/json";

const MOST_REQUESTS = 1_000_000;
const LONGEST_WINDOW = 86_400;
const SECOND: u64 = 1_000_000_000;

/** The configuration of the plugin. */
export class Settings {
  requests: u64 = 10;
  /** In nanoseconds. */
  window: u64 = SECOND;
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
    if (name == "requests") settings.requests = reader.integer(value, name, 1, MOST_REQUESTS);
    else if (name == "window_seconds") {
      settings.window = <u64>reader.integer(value, name, 1, LONGEST_WINDOW) * SECOND;
    } else reader.unknown(name, "requests and window_seconds");
  }
  return settings;
}
