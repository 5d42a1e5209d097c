import {
  Action,
  HttpContext,
  Pair,
  PluginContext,
  Queue,
  environment,
  properties,
  random,
  requestBody,
  requestHeaders,
  responseBody,
  sharedData,
} from "./proxy-wasm";

/** Sends bytes over the border and back in every way, and fails in every way. */
export class Border extends PluginContext {
  createHttpContext(id: u32): HttpContext {
    return new BorderStream(id);
  }
}

class BorderStream extends HttpContext {
  private path: string = "";

  onRequestHeaders(count: u32, endOfStream: bool): Action {
    const path = requestHeaders.get(":path");
    this.path = path ? path : "";
    if (this.path == "/environment") this.tellVariables();
    if (this.path == "/random") this.tellRandom();
    if (this.path.startsWith("/trap/")) fail(this.path.substring(6));
    return Action.Continue;
  }

  onRequestBody(size: u32, endOfStream: bool): Action {
    if (this.path != "/bytes") return Action.Continue;
    if (!endOfStream) return Action.Pause;
    requestBody.replace(around(requestBody.read()));
    return Action.Continue;
  }

  onResponseBody(size: u32, endOfStream: bool): Action {
    if (this.path == "/bytes") responseBody.append(responseBody.read(0, 2));
    return Action.Continue;
  }

  private tellVariables(): void {
    const found = environment.get("TOUR");
    requestHeaders.replace("x-variable", found == null ? "none" : found);
    requestHeaders.replace("x-unset", environment.get("TOU") == null ? "yes" : "no");
    requestHeaders.replace("x-count", environment.all().length.toString());
  }

  private tellRandom(): void {
    const some = random.bytes(16);
    const size = some ? some.byteLength : 0;
    requestHeaders.replace("x-size", size.toString());
    requestHeaders.replace("x-too-much", random.bytes(65537) == null ? "refused" : "given");
  }
}

/** The same bytes, after they have been a shared value, a message, a property and a header. */
function around(bytes: ArrayBuffer): ArrayBuffer {
  sharedData.set("bytes", bytes);
  const queue = Queue.register("bytes")!;
  queue.enqueue(sharedData.get("bytes")!.bytes);
  properties.setBytes(["border_bytes"], queue.dequeue()!);
  const value = properties.getBytes(["border_bytes"])!;
  const pairs = requestHeaders.pairs();
  pairs.push(new Pair(String.UTF8.encode("x-bytes"), value.slice(1)));
  requestHeaders.setPairs(pairs);
  return value;
}

function fail(how: string): void {
  if (how == "assert") assert(how.length == 0, "a text that is not empty");
  if (how == "throw") throw new Error("thrown on purpose: é");
  if (how == "null") requestHeaders.get("x-missing")!.trim();
  if (how == "bounds") new Array<i32>(2)[how.length] = [1, 2][how.length];
  if (how == "divide") requestHeaders.add("x-result", (1 / environment.all().length).toString());
  if (how == "memory") new ArrayBuffer(i32.MAX_VALUE);
}
