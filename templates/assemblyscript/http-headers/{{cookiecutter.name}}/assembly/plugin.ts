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
import { applyRules } from "./header-rules";
import { Settings, SettingsReader } from "./settings";

/** The plugin: holds its configuration and counts the requests of all its streams. */
export class HttpHeaders extends PluginContext {
  private settings: Settings = new Settings();
  private readonly requests: Counter = new Counter("{{ cookiecutter._root_id }}.requests");

  onConfigure(configuration: ArrayBuffer): bool {
    const reader = new SettingsReader();
    const settings = reader.read(utf8.decode(configuration));
    if (settings == null) {
      log.error(`configuration refused: ${reader.error}`);
      return false;
    }
    this.settings = settings;
    return true;
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
