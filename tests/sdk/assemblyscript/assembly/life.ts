import {
  Context,
  HttpCall,
  HttpContext,
  PluginContext,
  Queue,
  log,
  time,
  utf8,
} from "./proxy-wasm";

/** Logs when its contexts begin and end; with a configuration that lingers, it takes its time. */
export class Life extends PluginContext {
  private configuration: string = "";
  private isEnding: bool = false;

  onConfigure(configuration: ArrayBuffer): bool {
    this.configuration = utf8.decode(configuration);
    if (this.configuration.startsWith("calls")) ask(this);
    if (this.configuration.startsWith("queues")) Queue.register("left behind");
    return time.tickEvery(20);
  }

  onTick(): void {
    if (!this.isEnding) return;
    this.isEnding = false;
    log.info(`finished ${this.configuration}`);
    log.info(this.done() ? "ended" : "nobody waits");
  }

  onQueueReady(queueId: u32): void {
    log.info(`message for ${this.configuration}`);
  }

  onHttpCallResponse(token: u32, headerCount: u32, bodySize: u32, trailerCount: u32): void {
    log.info(`answered ${this.configuration}`);
  }

  onDone(): bool {
    log.info(`done ${this.configuration}`);
    this.isEnding = this.configuration.startsWith("lingers");
    return !this.isEnding;
  }

  onDelete(): void {
    log.info(`deleted ${this.configuration}`);
  }

  createHttpContext(id: u32): HttpContext {
    return new LifeStream(id, this.configuration);
  }
}

class LifeStream extends HttpContext {
  constructor(
    id: u32,
    private readonly configuration: string,
  ) {
    super(id);
    log.info(`stream of ${configuration}`);
  }

  onLog(): void {
    log.info(`logged by ${this.configuration}`);
    if (this.configuration.startsWith("asks")) ask(this);
    if (this.configuration.startsWith("puts")) put();
  }

  onHttpCallResponse(token: u32, headerCount: u32, bodySize: u32, trailerCount: u32): void {
    log.error("a stream that has gone was called");
  }
}

function ask(context: Context): void {
  new HttpCall("service", "GET", "service.example", "/", 5000).send(context);
}

function put(): void {
  const queue = Queue.resolve("", "left behind");
  const isPut = queue != null && queue.enqueue(new ArrayBuffer(0));
  log.info(isPut ? "put" : "nowhere to put");
}
