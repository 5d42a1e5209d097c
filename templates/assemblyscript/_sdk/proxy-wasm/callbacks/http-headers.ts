// SPDX-License-Identifier: Apache-2.0

/** The callbacks of plugins that look at the headers of requests and responses. */

import { Action } from "../contexts";
import { httpContext } from "../registry";

export function proxy_on_request_headers(id: u32, count: u32, endOfStream: bool): Action {
  return httpContext(id).onRequestHeaders(count, endOfStream);
}

export function proxy_on_response_headers(id: u32, count: u32, endOfStream: bool): Action {
  return httpContext(id).onResponseHeaders(count, endOfStream);
}
