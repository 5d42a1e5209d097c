import {
  Action,
  Counter,
  HttpContext,
  PluginContext,
  log,
  requestHeaders,
  responseHeaders,
  utf8,
} from "./proxy-wasm";
import { JsonReader } from "./proxy-wasm/json";
import { applyRules } from "./header-rules";
import { Settings, readSettings } from "./settings";

/** The plugin: holds its configuration and counts the requests of all its streams. */
export class HttpHeaders extends PluginContext {
  private settings: Settings = new Settings();
  private readonly requests: Counter = new Counter("{{ cookiecutter._root_id }}.requests");

  onConfigure(configuration: ArrayBuffer): bool {
    const reader = new JsonReader();
    this.settings = readSettings(utf8.decode(configuration), reader);
    if (reader.error.length > 0) log.error(`configuration refused: ${reader.error}`);
    return reader.error.length == 0;
  }

  createHttpContext(id: u32): HttpContext {
    return new HttpHeadersStream(id, this.settings, this.requests);
  }
}

/** One request and its response. */
class HttpHeadersStream extends HttpContext {
  constructor(
    id: u32,
    private readonly settings: Settings,
    private readonly requests: Counter,
  ) {
    super(id);
  }

  onRequestHeaders(count: u32, endOfStream: bool): Action {
    this.requests.increment();
    log.info(`${textOf(requestHeaders.get(":method"))} ${textOf(requestHeaders.get(":path"))}`);
    applyRules(this.settings.request, requestHeaders);
    return Action.Continue;
  }

  onResponseHeaders(count: u32, endOfStream: bool): Action {
    log.debug(`answered ${textOf(responseHeaders.get(":status"))}`);
    applyRules(this.settings.response, responseHeaders);
    return Action.Continue;
  }
}

function textOf(value: string | null): string {
  return value == null ? "-" : value;
}
