// SPDX-License-Identifier: Apache-2.0

/** What plugins import from this SDK. */

export { Body, requestBody, responseBody } from "./buffer";
export { Action, Context, HttpContext, PluginContext } from "./contexts";
export { environment } from "./environment";
export { callForeignFunction, foreignFunctionArguments } from "./foreign-functions";
export {
  HeaderMap,
  requestHeaders,
  requestTrailers,
  responseHeaders,
  responseTrailers,
} from "./header-map";
export {
  CallFailure,
  HttpCall,
  httpCallBody,
  httpCallFailure,
  httpCallHeaders,
  httpCallTrailers,
} from "./http-calls";
export { LogLevel, log } from "./log";
export { Counter, Gauge, Histogram } from "./metrics";
export { Pair } from "./pairs";
export { properties } from "./properties";
export { Queue } from "./queues";
export { random } from "./random";
export { registerPlugin } from "./registry";
export { SharedValue, sharedData } from "./shared-data";
export { LocalResponse } from "./streams";
export { time } from "./time";
export { utf8 } from "./utf8";
