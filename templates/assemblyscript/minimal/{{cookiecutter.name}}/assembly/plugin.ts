import { Action, HttpContext, PluginContext, log, responseHeaders, utf8 } from "./proxy-wasm";

const SPACE = 0x20;
const DELETE = 0x7f;
const LAST_CONTROL = 0x9f;

/** The plugin: its configuration is the text of a header. */
export class Minimal extends PluginContext {
  private greeting: string = "";

  onConfigure(configuration: ArrayBuffer): bool {
    const greeting = utf8.decode(configuration).trim();
    // A line break in a response header splits the response, and the proxy would let it pass.
    if (hasControls(greeting)) {
      log.error("configuration refused: control characters cannot be sent in a header");
      return false;
    }
    this.greeting = greeting;
    return true;
  }

  createHttpContext(id: u32): HttpContext {
    return new MinimalStream(id, this.greeting);
  }
}

/** One request and its response. */
class MinimalStream extends HttpContext {
  constructor(
    id: u32,
    private readonly greeting: string,
  ) {
    super(id);
  }

  onResponseHeaders(count: u32, endOfStream: bool): Action {
    if (this.greeting.length > 0) responseHeaders.replace("x-greeting", this.greeting);
    return Action.Continue;
  }
}

function hasControls(text: string): bool {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < SPACE || (unit >= DELETE && unit <= LAST_CONTROL)) return true;
  }
  return false;
}
