import { utf8 } from "./proxy-wasm";
import { JsonReader, JsonValue } from "./proxy-wasm/json";
import { isHeaderName, isQuotable, isVisible } from "./header-syntax";

const SHORTEST_KEY = 16;

/** Somebody who may come in. */
export class Client {
  constructor(
    readonly name: string,
    readonly key: ArrayBuffer,
  ) {}
}

/** The configuration of the plugin. */
export class Settings {
  header: string = "x-api-key";
  realm: string = "api";
  readonly clients: Client[] = [];
}

/** The settings in `text`; what is wrong with them is noted in `reader`. */
export function readSettings(text: string, reader: JsonReader): Settings {
  const settings = new Settings();
  const members = reader.parse(text);
  const names = members.keys();
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    if (name == "clients") readClients(members.get(name), reader, settings.clients);
    else if (name == "header") settings.header = readHeader(members.get(name), reader);
    else if (name == "realm") settings.realm = readRealm(members.get(name), reader);
    else reader.unknown(name, "clients, header and realm");
  }
  if (settings.clients.length == 0) reader.refuse("clients", "nobody may come in");
  return settings;
}

function readClients(value: JsonValue, reader: JsonReader, clients: Client[]): void {
  const members = reader.members(value, "clients");
  const names = members.keys();
  for (let index = 0; index < names.length; index++) {
    const path = `clients.${names[index]}`;
    const key = reader.text(members.get(names[index]), path);
    if (!isVisible(names[index])) reader.refuse(path, "a name is of visible ASCII characters");
    if (key.length < SHORTEST_KEY || !isVisible(key)) {
      reader.refuse(path, `a key is of ${SHORTEST_KEY} visible ASCII characters or more`);
    }
    clients.push(new Client(names[index], utf8.encode(key)));
  }
}

function readHeader(value: JsonValue, reader: JsonReader): string {
  const name = reader.text(value, "header");
  if (!isHeaderName(name)) reader.refuse("header", "not the name of a header");
  return name.toLowerCase();
}

function readRealm(value: JsonValue, reader: JsonReader): string {
  const realm = reader.text(value, "realm");
  if (!isQuotable(realm)) reader.refuse("realm", "this cannot stand in quotes in a header");
  return realm;
}
