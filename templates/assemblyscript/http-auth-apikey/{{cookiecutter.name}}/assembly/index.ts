// The entry of the module: the callbacks it exports and the plugin behind them.

import { ApiKeys } from "./plugin";
import { registerPlugin } from "./proxy-wasm";

export * from "./proxy-wasm/callbacks/lifecycle";
export * from "./proxy-wasm/callbacks/http-headers";

registerPlugin("{{ cookiecutter._root_id }}", (id) => new ApiKeys(id));
