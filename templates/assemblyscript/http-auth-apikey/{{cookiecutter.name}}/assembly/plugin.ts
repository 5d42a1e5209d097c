import {
  Action,
  Counter,
  HttpContext,
  LocalResponse,
  PluginContext,
  log,
  requestHeaders,
  utf8,
} from "./proxy-wasm";
import { JsonReader } from "./proxy-wasm/json";
import { ownerOf } from "./keys";
import { Settings, readSettings } from "./settings";

const CLIENT = "x-api-client";

/** The plugin: holds its configuration, and counts who came in and who did not. */
export class ApiKeys extends PluginContext {
  private settings: Settings = new Settings();
  readonly allowed: Counter = new Counter("{{ cookiecutter._root_id }}.allowed");
  readonly denied: Counter = new Counter("{{ cookiecutter._root_id }}.denied");

  onConfigure(configuration: ArrayBuffer): bool {
    const reader = new JsonReader();
    this.settings = readSettings(utf8.decode(configuration), reader);
    if (reader.error.length > 0) log.error(`configuration refused: ${reader.error}`);
    return reader.error.length == 0;
  }

  createHttpContext(id: u32): HttpContext {
    return new ApiKeysStream(id, this, this.settings);
  }
}

/** One request and its response. */
class ApiKeysStream extends HttpContext {
  constructor(
    id: u32,
    private readonly plugin: ApiKeys,
    private readonly settings: Settings,
  ) {
    super(id);
  }

  onRequestHeaders(count: u32, endOfStream: bool): Action {
    const key = requestHeaders.getBytes(this.settings.header);
    if (key == null) return this.deny("an API key is needed\n");
    const owner = ownerOf(key, this.settings.clients);
    if (owner == null) return this.deny("the API key is not known\n");
    requestHeaders.remove(this.settings.header);
    requestHeaders.replace(CLIENT, owner);
    this.plugin.allowed.increment();
    return Action.Continue;
  }

  private deny(reason: string): Action {
    const challenge = `ApiKey realm="${this.settings.realm}", header="${this.settings.header}"`;
    this.respond(new LocalResponse(401).header("www-authenticate", challenge).text(reason));
    this.plugin.denied.increment();
    return Action.Pause;
  }
}
