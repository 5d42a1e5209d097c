import { RulesPlugin, RulesStream } from "./contexts";
import { tell } from "./tell";
import { Counter, Gauge, Histogram, LocalResponse, Queue, SharedValue } from "./proxy-wasm";

/** One run of a callback: whose it is, and the stream that its calls are about. */
export class Turn {
  /** Whether the callback refuses what it was given. */
  refuses: bool = false;

  constructor(
    readonly plugin: RulesPlugin,
    public stream: RulesStream | null,
    readonly id: u32,
    /** What the callback was given, of those that get bytes. */
    readonly given: ArrayBuffer = new ArrayBuffer(0),
  ) {}

  /** Goes over to the stream of that number, be it that it has gone. */
  enter(id: u32): void {
    if (!this.plugin.streams.has(id)) return tell.text("no stream of that number");
    const found = this.plugin.streams.get(id);
    this.stream = found;
    tell.flag(found.enter());
  }

  get kept(): Kept {
    return this.plugin.kept;
  }

  /** Tells the shared value that was read last; its number is the process's own. */
  tellShared(): void {
    const found = this.kept.shared;
    tell.bytes(found ? found.bytes : null);
  }

  enterPlugin(): void {
    this.stream = null;
    tell.flag(this.plugin.enter());
  }

  continueRequest(): void {
    const stream = this.stream;
    if (stream) tell.flag(stream.continueRequest());
  }

  continueResponse(): void {
    const stream = this.stream;
    if (stream) tell.flag(stream.continueResponse());
  }

  reset(): void {
    const stream = this.stream;
    if (stream) tell.flag(stream.reset());
  }

  respond(response: LocalResponse): void {
    const stream = this.stream;
    if (stream) tell.flag(stream.respond(response));
  }
}

/** What a plugin keeps from one callback to the next. */
export class Kept {
  readonly counters: Counter[] = [];
  readonly gauges: Gauge[] = [];
  readonly histograms: Histogram[] = [];
  queue: Queue | null = null;
  shared: SharedValue | null = null;

  get cas(): u32 {
    return this.shared!.cas;
  }
}
