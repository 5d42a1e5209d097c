// SPDX-License-Identifier: Apache-2.0

/** The callbacks of plugins that look at the bodies of requests and responses. */

import { Action } from "../contexts";
import { httpContext } from "../registry";

export function proxy_on_request_body(id: u32, size: u32, endOfStream: bool): Action {
  return httpContext(id).onRequestBody(size, endOfStream);
}

export function proxy_on_response_body(id: u32, size: u32, endOfStream: bool): Action {
  return httpContext(id).onResponseBody(size, endOfStream);
}
