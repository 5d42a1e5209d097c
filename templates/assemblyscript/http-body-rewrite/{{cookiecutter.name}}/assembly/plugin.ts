import {
  Action,
  Body,
  Counter,
  HeaderMap,
  HttpContext,
  LocalResponse,
  PluginContext,
  log,
  requestBody,
  requestHeaders,
  responseBody,
  responseHeaders,
  utf8,
} from "./proxy-wasm";
import { JsonReader } from "./proxy-wasm/json";
import { Replacement, replaceAll } from "./replacement";
import { Settings, readSettings } from "./settings";

/** The plugin: holds its configuration, and counts the bodies that it changed. */
export class BodyRewrite extends PluginContext {
  private settings: Settings = new Settings();
  private readonly rewritten: Counter = new Counter("{{ cookiecutter._root_id }}.rewritten");

  onConfigure(configuration: ArrayBuffer): bool {
    const reader = new JsonReader();
    this.settings = readSettings(utf8.decode(configuration), reader);
    if (reader.error.length > 0) log.error(`configuration refused: ${reader.error}`);
    return reader.error.length == 0;
  }

  createHttpContext(id: u32): HttpContext {
    return new BodyRewriteStream(id, this.settings, this.rewritten);
  }
}

/** One request and its response. */
class BodyRewriteStream extends HttpContext {
  private readonly request: Rewriting;
  private readonly response: Rewriting;

  constructor(
    id: u32,
    private readonly settings: Settings,
    rewritten: Counter,
  ) {
    super(id);
    this.request = new Rewriting(settings.request, requestBody, rewritten);
    this.response = new Rewriting(settings.response, responseBody, rewritten);
  }

  onRequestHeaders(count: u32, endOfStream: bool): Action {
    this.request.begin(requestHeaders, endOfStream);
    return Action.Continue;
  }

  onRequestBody(size: u32, endOfStream: bool): Action {
    if (this.request.isOn && size > this.settings.maxBytes) {
      this.request.isOn = false;
      this.respond(new LocalResponse(413).text("the body is too large\n"));
      return Action.Pause;
    }
    return this.request.take(size, endOfStream);
  }

  onRequestTrailers(count: u32): Action {
    this.request.finish();
    return Action.Continue;
  }

  onResponseHeaders(count: u32, endOfStream: bool): Action {
    this.response.begin(responseHeaders, endOfStream);
    return Action.Continue;
  }

  onResponseBody(size: u32, endOfStream: bool): Action {
    if (this.response.isOn && size > this.settings.maxBytes) {
      // Its headers are with the client already: there is nothing else that could be answered.
      log.warn(`a response stays as it is: it is longer than ${this.settings.maxBytes} bytes`);
      this.response.isOn = false;
    }
    return this.response.take(size, endOfStream);
  }

  onResponseTrailers(count: u32): Action {
    this.response.finish();
    return Action.Continue;
  }
}

/** What happens to one body: held back until it is whole, then changed. */
class Rewriting {
  isOn: bool = false;
  private held: u32 = 0;

  constructor(
    private readonly replacements: Replacement[],
    private readonly body: Body,
    private readonly rewritten: Counter,
  ) {}

  /** Looks at the headers, and takes the length away where a body follows that may change. */
  begin(headers: HeaderMap, endOfStream: bool): void {
    if (endOfStream || this.replacements.length == 0) return;
    const encoding = headers.get("content-encoding");
    if (encoding != null && encoding.toLowerCase() != "identity") return;
    headers.remove("content-length");
    this.isOn = true;
  }

  /** Takes what there is of the body, `size` bytes in all. */
  take(size: u32, endOfStream: bool): Action {
    if (!this.isOn) return Action.Continue;
    this.held = size;
    if (!endOfStream) return Action.Pause;
    this.finish();
    return Action.Continue;
  }

  /** Changes the body, which is whole now: at its end, or at the trailers behind it. */
  finish(): void {
    if (!this.isOn || this.held == 0) return;
    this.isOn = false;
    const bytes = this.body.read(0, this.held);
    const changed = replaceAll(bytes, this.replacements);
    if (changed === bytes) return;
    this.body.replace(changed);
    this.rewritten.increment();
  }
}
