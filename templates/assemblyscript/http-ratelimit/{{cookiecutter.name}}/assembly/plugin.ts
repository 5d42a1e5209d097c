import {
  Action,
  Counter,
  HttpContext,
  LocalResponse,
  PluginContext,
  log,
  properties,
  utf8,
} from "./proxy-wasm";
import { JsonReader } from "./proxy-wasm/json";
import { withoutPort } from "./address";
import { secondsToWait } from "./limiter";
import { Settings, readSettings } from "./settings";

/** The plugin: holds its configuration, and counts what passed and what did not. */
export class RateLimit extends PluginContext {
  private settings: Settings = new Settings();
  readonly allowed: Counter = new Counter("{{ cookiecutter._root_id }}.allowed");
  readonly limited: Counter = new Counter("{{ cookiecutter._root_id }}.limited");

  onConfigure(configuration: ArrayBuffer): bool {
    const reader = new JsonReader();
    this.settings = readSettings(utf8.decode(configuration), reader);
    if (reader.error.length > 0) log.error(`configuration refused: ${reader.error}`);
    return reader.error.length == 0;
  }

  createHttpContext(id: u32): HttpContext {
    return new RateLimitStream(id, this, this.settings);
  }
}

/** One request and its response. */
class RateLimitStream extends HttpContext {
  constructor(
    id: u32,
    private readonly plugin: RateLimit,
    private readonly settings: Settings,
  ) {
    super(id);
  }

  onRequestHeaders(count: u32, endOfStream: bool): Action {
    const source = properties.getText(["source", "address"]);
    const wait = secondsToWait(source == null ? "unknown" : withoutPort(source), this.settings);
    if (wait == 0) {
      this.plugin.allowed.increment();
      return Action.Continue;
    }
    this.plugin.limited.increment();
    const response = new LocalResponse(429).header("retry-after", wait.toString());
    this.respond(response.text("too many requests\n"));
    return Action.Pause;
  }
}
