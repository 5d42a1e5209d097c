// Plugins that together do everything the SDK offers, in one module.

import { Border } from "./border";
import { Echo } from "./echo";
import { Life } from "./life";
import { Tour } from "./tour";
import { registerPlugin } from "./proxy-wasm";

export * from "./proxy-wasm/callbacks/lifecycle";
export * from "./proxy-wasm/callbacks/http-headers";
export * from "./proxy-wasm/callbacks/http-bodies";
export * from "./proxy-wasm/callbacks/http-trailers";
export * from "./proxy-wasm/callbacks/http-calls";
export * from "./proxy-wasm/callbacks/plugin-events";

registerPlugin("tour", (id) => new Tour(id));
registerPlugin("echo", (id) => new Echo(id));
registerPlugin("life", (id) => new Life(id));
registerPlugin("border", (id) => new Border(id));
