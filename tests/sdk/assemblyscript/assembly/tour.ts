import {
  Action,
  Counter,
  Gauge,
  Histogram,
  HttpContext,
  PluginContext,
  Queue,
  log,
  time,
  utf8,
} from "./proxy-wasm";
import { TourStream } from "./stream";

/** Ticks, takes from a queue, and lets streams go on that wait for it. */
export class Tour extends PluginContext {
  readonly waiting: TourStream[] = [];
  readonly streams: Counter = new Counter("tour.streams");
  readonly open: Gauge = new Gauge("tour.open");
  readonly sizes: Histogram = new Histogram("tour.sizes");
  private readonly jobs: Counter = new Counter("tour.jobs");
  private readonly ticks: Counter = new Counter("tour.ticks");

  onConfigure(configuration: ArrayBuffer): bool {
    const queue = Queue.register("jobs");
    return queue != null && time.tickEvery(100);
  }

  onTick(): void {
    this.ticks.increment();
    while (this.waiting.length > 0) this.waiting.pop().goOn();
  }

  onQueueReady(queueId: u32): void {
    const message = Queue.of(queueId).dequeue();
    if (message == null) return;
    this.jobs.increment();
    log.info(`job ${utf8.decode(message)}`);
  }

  createHttpContext(id: u32): HttpContext {
    return new TourStream(id, this);
  }
}
