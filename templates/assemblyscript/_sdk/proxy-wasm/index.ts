// SPDX-License-Identifier: Apache-2.0

/** What plugins import from this SDK. */

export { Action, Context, HttpContext, PluginContext } from "./contexts";
export { HeaderMap, requestHeaders, responseHeaders } from "./header-map";
export { LogLevel, log } from "./log";
export { Counter, Gauge, Histogram } from "./metrics";
export { Pair } from "./pairs";
export { properties } from "./properties";
export { registerPlugin } from "./registry";
export { utf8 } from "./utf8";
