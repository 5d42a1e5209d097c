import {
  Action,
  HttpContext,
  PluginContext,
  log,
  responseHeaders,
  utf8,
} from "./proxy-wasm";

/** Tells its configuration in each response. */
export class Echo extends PluginContext {
  private configuration: string = "";

  onConfigure(configuration: ArrayBuffer): bool {
    this.configuration = utf8.decode(configuration);
    return this.configuration != "refuse";
  }

  onDone(): bool {
    log.info(`done ${this.configuration}`);
    return true;
  }

  onDelete(): void {
    log.info(`deleted ${this.configuration}`);
  }

  createHttpContext(id: u32): HttpContext {
    return new EchoStream(id, this.configuration);
  }
}

class EchoStream extends HttpContext {
  constructor(
    id: u32,
    private readonly configuration: string,
  ) {
    super(id);
  }

  onResponseHeaders(count: u32, endOfStream: bool): Action {
    responseHeaders.add("x-configuration", this.configuration);
    return Action.Continue;
  }
}
