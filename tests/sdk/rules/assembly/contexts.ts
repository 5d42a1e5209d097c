import { Action, HttpContext, PluginContext } from "./proxy-wasm";
import { Script } from "./script";
import { Kept, Turn } from "./turn";

/** Does in each callback what its script says. */
export class RulesPlugin extends PluginContext {
  /** All streams there have been, those that have gone among them. */
  readonly streams: Map<u32, RulesStream> = new Map();
  readonly kept: Kept = new Kept();

  constructor(
    id: u32,
    readonly script: Script,
  ) {
    super(id);
    this.play("context_create");
  }

  onVmStart(vmConfiguration: ArrayBuffer): bool {
    return this.play("vm_start", vmConfiguration, 1) != 0;
  }

  onConfigure(configuration: ArrayBuffer): bool {
    return this.play("configure", configuration, 1) != 0;
  }

  onTick(): void {
    this.play("tick");
  }

  onQueueReady(queueId: u32): void {
    this.play("queue_ready");
  }

  onHttpCallResponse(token: u32, headerCount: u32, bodySize: u32, trailerCount: u32): void {
    this.play("http_call_response");
  }

  onLog(): void {
    this.play("log");
  }

  onDone(): bool {
    return this.play("done", new ArrayBuffer(0), 1) != 0;
  }

  onDelete(): void {
    this.play("delete");
  }

  createHttpContext(id: u32): HttpContext {
    return new RulesStream(id, this);
  }

  private play(
    callback: string,
    given: ArrayBuffer = new ArrayBuffer(0),
    otherwise: i32 = 0,
  ): i32 {
    const it = new Turn(this, null, this.id, given);
    const result = this.script.play(callback, it, otherwise);
    return it.refuses ? 0 : result;
  }
}

/** The same of a stream. */
export class RulesStream extends HttpContext {
  constructor(
    id: u32,
    private readonly plugin: RulesPlugin,
  ) {
    super(id);
    plugin.streams.set(id, this);
    this.play("context_create");
  }

  onRequestHeaders(count: u32, endOfStream: bool): Action {
    return this.play("request_headers");
  }

  onRequestBody(size: u32, endOfStream: bool): Action {
    return this.play("request_body");
  }

  onRequestTrailers(count: u32): Action {
    return this.play("request_trailers");
  }

  onResponseHeaders(count: u32, endOfStream: bool): Action {
    return this.play("response_headers");
  }

  onResponseBody(size: u32, endOfStream: bool): Action {
    return this.play("response_body");
  }

  onResponseTrailers(count: u32): Action {
    return this.play("response_trailers");
  }

  onLog(): void {
    this.play("log");
  }

  onDone(): bool {
    return this.play("done", 1) != 0;
  }

  onDelete(): void {
    this.play("delete");
  }

  private play(callback: string, otherwise: i32 = 0): Action {
    const it = new Turn(this.plugin, this, this.id);
    return <Action>this.plugin.script.play(callback, it, otherwise);
  }
}
