import {
  Action,
  Counter,
  HttpCall,
  HttpContext,
  LocalResponse,
  Pair,
  PluginContext,
  httpCallHeaders,
  log,
  requestHeaders,
  utf8,
} from "./proxy-wasm";
import { JsonReader } from "./proxy-wasm/json";
import { Settings, readSettings } from "./settings";

const USER = "x-auth-user";
const CHALLENGE = "www-authenticate";

/** The plugin: holds its configuration, and counts what became of its questions. */
export class Callout extends PluginContext {
  private settings: Settings = new Settings();
  readonly allowed: Counter = new Counter("{{ cookiecutter._root_id }}.allowed");
  readonly denied: Counter = new Counter("{{ cookiecutter._root_id }}.denied");
  readonly failed: Counter = new Counter("{{ cookiecutter._root_id }}.failed");

  onConfigure(configuration: ArrayBuffer): bool {
    const reader = new JsonReader();
    this.settings = readSettings(utf8.decode(configuration), reader);
    if (reader.error.length > 0) log.error(`configuration refused: ${reader.error}`);
    return reader.error.length == 0;
  }

  createHttpContext(id: u32): HttpContext {
    return new CalloutStream(id, this, this.settings);
  }
}

/** One request and its response. */
class CalloutStream extends HttpContext {
  constructor(
    id: u32,
    private readonly plugin: Callout,
    private readonly settings: Settings,
  ) {
    super(id);
  }

  onRequestHeaders(count: u32, endOfStream: bool): Action {
    requestHeaders.remove(USER);
    if (this.question().send(this)) return Action.Pause;
    return this.fail("it cannot be asked") ? Action.Continue : Action.Pause;
  }

  onHttpCallResponse(token: u32, headerCount: u32, bodySize: u32, trailerCount: u32): void {
    const status = headerCount == 0 ? 0 : statusOf(httpCallHeaders.get(":status"));
    if (status == 200) this.allow();
    else if (status >= 400 && status < 500) this.deny(status);
    else if (this.fail(status == 0 ? "no answer" : `status ${status}`)) this.continueRequest();
  }

  private question(): HttpCall {
    const settings = this.settings;
    const call = new HttpCall(
      settings.cluster,
      "GET",
      settings.authority,
      settings.path,
      settings.timeout,
    );
    pass(call, ":method", "x-original-method");
    pass(call, ":path", "x-original-path");
    pass(call, "authorization", "authorization");
    return call;
  }

  private allow(): void {
    const user = httpCallHeaders.getBytes(USER);
    if (user != null) requestHeaders.replaceBytes(USER, user);
    this.plugin.allowed.increment();
    this.continueRequest();
  }

  private deny(status: u32): void {
    const response = new LocalResponse(status).text("denied by the authorization service\n");
    const challenge = httpCallHeaders.get(CHALLENGE);
    if (challenge != null) response.header(CHALLENGE, challenge);
    this.plugin.denied.increment();
    this.respond(response);
  }

  /** Counts and logs the failure. Returns whether the request goes on; else it is answered. */
  private fail(reason: string): bool {
    this.plugin.failed.increment();
    log.warn(`the authorization service failed: ${reason}`);
    if (!this.settings.isOpen) {
      this.respond(new LocalResponse(503).text("the authorization service failed\n"));
    }
    return this.settings.isOpen;
  }
}

/** Copies a header of the request to the call, byte by byte, if it is there. */
function pass(call: HttpCall, name: string, passedAs: string): void {
  const value = requestHeaders.getBytes(name);
  if (value != null) call.headers.push(new Pair(utf8.encode(passedAs), value));
}

function statusOf(text: string | null): u32 {
  return text == null ? 0 : U32.parseInt(text);
}
