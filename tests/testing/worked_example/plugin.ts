// A gate that asks a service about the token of each request, keeps what it grants for a while, and
// masks uploads. Requests that wait for the same answer share one question.

import {
  Action,
  Counter,
  HttpCall,
  HttpContext,
  LocalResponse,
  Pair,
  PluginContext,
  httpCallBody,
  httpCallHeaders,
  log,
  requestBody,
  requestHeaders,
  time,
  utf8,
} from "./proxy-wasm";
import { JsonReader } from "./proxy-wasm/json";

const SECRET = "secret";
const SECOND: u64 = 1_000_000_000;

export class Gate extends PluginContext {
  cluster: string = "";
  /** Streams that wait for the answer to the question that is asked. */
  readonly waiting: GateStream[] = [];
  readonly allowed: Counter = new Counter("gate.allowed");
  private user: string = "";
  private expires: u64 = 0;
  private lifetime: u64 = 0;

  onConfigure(configuration: ArrayBuffer): bool {
    const reader = new JsonReader();
    const members = reader.parse(utf8.decode(configuration));
    const names = members.keys();
    for (let index = 0; index < names.length; index++) {
      const value = members.get(names[index]);
      if (names[index] == "authz") this.cluster = reader.text(value, "authz");
      else if (names[index] == "cache") this.lifetime = seconds(reader.text(value, "cache"));
      else reader.unknown(names[index], "authz and cache");
    }
    if (reader.error.length > 0) {
      log.error(reader.error);
      return false;
    }
    return time.tickEvery(1000);
  }

  createHttpContext(id: u32): HttpContext {
    return new GateStream(id, this);
  }

  onTick(): void {
    if (this.expires == 0 || time.now() < this.expires) return;
    this.expires = 0;
    log.info("cache expired");
  }

  /** Keeps what was granted, for the streams that come soon. */
  remember(user: string): void {
    this.user = user;
    this.expires = time.now() + this.lifetime;
  }
}

class GateStream extends HttpContext {
  constructor(
    id: u32,
    private readonly gate: Gate,
  ) {
    super(id);
  }

  onRequestHeaders(count: u32, endOfStream: bool): Action {
    const path = requestHeaders.get(":path");
    if (path == "/boom") unreachable();
    if (path == "/up") requestHeaders.remove("content-length");
    if (path == "/up" || path == "/fine") return Action.Continue;
    const token = requestHeaders.getBytes("authorization");
    if (token != null && !isVisible(token)) {
      this.respond(new LocalResponse(400));
      return Action.Pause;
    }
    this.gate.waiting.push(this);
    if (this.gate.waiting.length == 1 && !this.ask(token)) this.conclude(0, "");
    return Action.Pause;
  }

  onRequestBody(size: u32, endOfStream: bool): Action {
    if (!endOfStream) return Action.Pause;
    this.mask();
    return Action.Continue;
  }

  onRequestTrailers(count: u32): Action {
    this.mask();
    return Action.Continue;
  }

  onHttpCallResponse(token: u32, headerCount: u32, bodySize: u32, trailerCount: u32): void {
    const status = httpCallHeaders.get(":status");
    const members = new JsonReader().parse(utf8.decode(httpCallBody.read()));
    const user = members.has("user") ? new JsonReader().text(members.get("user"), "user") : "";
    this.conclude(status == null ? 0 : U32.parseInt(status), user);
  }

  private ask(token: ArrayBuffer | null): bool {
    const call = new HttpCall(this.gate.cluster, "GET", "auth", "/v1/check", 200);
    if (token != null) call.headers.push(new Pair(utf8.encode("authorization"), token));
    return call.send(this);
  }

  private conclude(status: u32, user: string): void {
    if (status == 200) this.gate.remember(user);
    const streams = this.gate.waiting.splice(0, this.gate.waiting.length);
    for (let index = 0; index < streams.length; index++) streams[index].finish(status, user);
  }

  finish(status: u32, user: string): void {
    this.enter();
    if (status == 200) {
      requestHeaders.remove("authorization");
      requestHeaders.replace("x-user", user);
      this.gate.allowed.increment();
      this.continueRequest();
    } else {
      this.respond(new LocalResponse(status == 401 ? 401 : 503));
    }
  }

  private mask(): void {
    const text = utf8.decode(requestBody.read());
    requestBody.replace(utf8.encode(text.replaceAll(SECRET, "*".repeat(SECRET.length))));
  }
}

function isVisible(bytes: ArrayBuffer): bool {
  const view = Uint8Array.wrap(bytes);
  for (let index = 0; index < view.length; index++) {
    if (view[index] < 0x20 || view[index] > 0x7e) return false;
  }
  return true;
}

function seconds(text: string): u64 {
  return <u64>U32.parseInt(text.replace("s", "")) * SECOND;
}
