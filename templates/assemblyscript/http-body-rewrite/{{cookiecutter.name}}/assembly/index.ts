// The entry of the module: the callbacks it exports and the plugin behind them.

import { BodyRewrite } from "./plugin";
import { registerPlugin } from "./proxy-wasm";

export * from "./proxy-wasm/callbacks/lifecycle";
export * from "./proxy-wasm/callbacks/http-headers";
export * from "./proxy-wasm/callbacks/http-bodies";
export * from "./proxy-wasm/callbacks/http-trailers";

registerPlugin("{{ cookiecutter._root_id }}", (id) => new BodyRewrite(id));
