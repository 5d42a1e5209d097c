// SPDX-License-Identifier: Apache-2.0

/** The callbacks of plugins that look at trailers, or pause bodies that trailers may end. */

import { Action } from "../contexts";
import { httpContext } from "../registry";

export function proxy_on_request_trailers(id: u32, count: u32): Action {
  return httpContext(id).onRequestTrailers(count);
}

export function proxy_on_response_trailers(id: u32, count: u32): Action {
  return httpContext(id).onResponseTrailers(count);
}
