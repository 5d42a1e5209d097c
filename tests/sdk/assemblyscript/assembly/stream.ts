import {
  Action,
  HttpCall,
  HttpContext,
  LocalResponse,
  Pair,
  Queue,
  callForeignFunction,
  httpCallBody,
  httpCallFailure,
  httpCallHeaders,
  httpCallTrailers,
  log,
  properties,
  requestBody,
  requestHeaders,
  requestTrailers,
  responseBody,
  responseHeaders,
  responseTrailers,
  sharedData,
  time,
  utf8,
} from "./proxy-wasm";
import { Tour } from "./tour";

/** Does what its path says. */
export class TourStream extends HttpContext {
  private path: string = "";

  constructor(
    id: u32,
    private readonly tour: Tour,
  ) {
    super(id);
    tour.streams.increment();
    tour.open.increment(1);
  }

  onRequestHeaders(count: u32, endOfStream: bool): Action {
    const path = requestHeaders.get(":path");
    this.path = path == null ? "" : path;
    if (this.path == "/wait") {
      this.tour.waiting.push(this);
      return Action.Pause;
    }
    if (this.path == "/call") return this.call("service");
    if (this.path == "/call-nobody") return this.call("nobody");
    if (this.path == "/local") return this.teapot();
    if (this.path == "/reset") {
      this.reset();
      return Action.Pause;
    }
    this.report();
    return Action.Continue;
  }

  onRequestBody(size: u32, endOfStream: bool): Action {
    this.tour.sizes.record(size);
    if (this.path == "/ends") {
      if (!endOfStream) return Action.Pause;
      requestBody.prepend(utf8.encode("<"));
      requestBody.append(utf8.encode(">"));
    }
    if (this.path == "/parts") requestBody.append(utf8.encode("|"));
    return Action.Continue;
  }

  onRequestTrailers(count: u32): Action {
    requestTrailers.replace("x-count", count.toString());
    requestTrailers.remove("x-old");
    return Action.Continue;
  }

  onResponseHeaders(count: u32, endOfStream: bool): Action {
    if (this.path == "/whole") responseHeaders.remove("content-length");
    return Action.Continue;
  }

  onResponseBody(size: u32, endOfStream: bool): Action {
    if (this.path != "/whole") return Action.Continue;
    if (!endOfStream) return Action.Pause;
    const start = utf8.decode(responseBody.read(0, 3));
    responseBody.replace(utf8.encode(`${responseBody.size} bytes, the first are ${start}`));
    return Action.Continue;
  }

  onResponseTrailers(count: u32): Action {
    responseTrailers.add("x-seen", count.toString());
    return Action.Continue;
  }

  onHttpCallResponse(token: u32, headerCount: u32, bodySize: u32, trailerCount: u32): void {
    const failure = httpCallFailure();
    if (headerCount == 0 && failure) {
      requestHeaders.replace("x-failure", `${failure.code} ${failure.message}`);
      this.continueRequest();
      return;
    }
    const status = httpCallHeaders.get(":status");
    requestHeaders.replace("x-status", status == null ? "none" : status);
    requestHeaders.replace("x-body", utf8.decode(httpCallBody.read()));
    if (trailerCount > 0) {
      const sum = httpCallTrailers.get("x-sum");
      if (sum != null) requestHeaders.replace("x-sum", sum);
    }
    this.continueRequest();
  }

  onLog(): void {
    log.debug(`log ${this.path}`);
  }

  onDone(): bool {
    log.debug(`done ${this.path}`);
    return true;
  }

  onDelete(): void {
    this.tour.open.increment(-1);
    log.debug(`deleted ${this.path}`);
  }

  /** Called by the plugin, in a callback of its own. */
  goOn(): void {
    this.enter();
    requestHeaders.replace("x-waited", "yes");
    this.continueRequest();
  }

  private call(cluster: string): Action {
    const call = new HttpCall(cluster, "POST", "service.example", "/ask", 5000);
    call.header("x-from", "tour");
    call.body = utf8.encode("question");
    call.trailers.push(Pair.of("x-end", "1"));
    if (call.send(this)) return Action.Pause;
    requestHeaders.replace("x-status", "refused");
    return Action.Continue;
  }

  private teapot(): Action {
    const response = new LocalResponse(418).header("x-kind", "pot").header("x-kind", "tea");
    response.details = "teapot";
    this.respond(response.text("short and stout"));
    return Action.Pause;
  }

  private report(): void {
    if (this.path == "/headers") this.changeHeaders();
    else if (this.path == "/set-all") this.setHeaders();
    else if (this.path == "/shared") requestHeaders.replace("x-count", this.counted());
    else if (this.path == "/queue") this.enqueue();
    else if (this.path == "/properties") this.tellProperties();
    else if (this.path == "/foreign") this.compress();
    else if (this.path == "/time") requestHeaders.replace("x-time", time.now() > 0 ? "yes" : "no");
    else if (this.path == "/trap") unreachable();
  }

  private changeHeaders(): void {
    requestHeaders.replace("x-joined", requestHeaders.getAll("x-many").join("+"));
    const bytes = requestHeaders.getBytes("x-bytes");
    if (bytes != null) requestHeaders.addBytes("x-copy", bytes);
    const text = requestHeaders.get("x-bytes");
    requestHeaders.replace("x-text", text == null ? "" : text);
    requestHeaders.remove("x-many");
    requestHeaders.add("x-empty", "");
    requestHeaders.replace("x-missing", requestHeaders.get("x-nothing") == null ? "yes" : "no");
  }

  private setHeaders(): void {
    requestHeaders.replace("x-size", requestHeaders.size > 0 ? "some" : "none");
    const pairs = requestHeaders.pairs();
    const kept = new Array<Pair>();
    for (let index = 0; index < pairs.length; index++) {
      if (pairs[index].name != "x-many") kept.push(pairs[index]);
    }
    kept.push(Pair.of("x-only", "this"));
    requestHeaders.setPairs(kept);
  }

  private counted(): string {
    const found = sharedData.get("count");
    const count = found == null ? 0 : I32.parseInt(found.text);
    const next = (count + 1).toString();
    if (found == null) sharedData.set("count", utf8.encode(next));
    else {
      const stale = sharedData.compareAndSet("count", utf8.encode("stale"), found.cas + 1000);
      requestHeaders.replace("x-stale", stale ? "set" : "refused");
      sharedData.compareAndSet("count", utf8.encode(next), found.cas);
    }
    return next;
  }

  private enqueue(): void {
    const vmId = properties.getText(["plugin_vm_id"]);
    const queue = Queue.resolve(vmId == null ? "" : vmId, "jobs");
    const isSent = queue != null && queue.enqueue(utf8.encode("one"));
    requestHeaders.replace("x-sent", isSent ? "yes" : "no");
    const nowhere = Queue.resolve("nowhere", "nothing");
    requestHeaders.replace("x-nowhere", nowhere == null ? "yes" : "no");
  }

  private tellProperties(): void {
    const path = properties.getText(["request", "path"]);
    requestHeaders.replace("x-path", path == null ? "" : path);
    const port = properties.getInteger(["source", "port"], -1);
    requestHeaders.replace("x-port", port > 0 ? "yes" : "no");
    const none = properties.getBytes(["no", "such", "thing"]);
    requestHeaders.replace("x-none", none == null ? "yes" : "no");
    properties.setText(["tour_stop"], "harbour");
    const stop = properties.getText(["tour_stop"]);
    requestHeaders.replace("x-stop", stop == null ? "" : stop);
  }

  private compress(): void {
    const small = callForeignFunction("compress", utf8.encode("aaaaaaaaaaaaaaaa"));
    if (small != null) {
      const again = callForeignFunction("uncompress", small);
      requestHeaders.replace("x-same", again == null ? "" : utf8.decode(again));
    }
    const nothing = callForeignFunction("no such function", new ArrayBuffer(0));
    requestHeaders.replace("x-unknown", nothing == null ? "yes" : "no");
  }
}
