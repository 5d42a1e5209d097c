// A plugin that does everything the SDK offers, and one that tells its configuration.

import { Echo } from "./echo";
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
