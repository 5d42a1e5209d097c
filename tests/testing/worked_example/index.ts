import { Gate } from "./plugin";
import { registerPlugin } from "./proxy-wasm";

export * from "./proxy-wasm/callbacks/lifecycle";
export * from "./proxy-wasm/callbacks/http-headers";
export * from "./proxy-wasm/callbacks/http-bodies";
export * from "./proxy-wasm/callbacks/http-trailers";
export * from "./proxy-wasm/callbacks/http-calls";
export * from "./proxy-wasm/callbacks/plugin-events";

registerPlugin("", (id) => new Gate(id));
