// SPDX-License-Identifier: Apache-2.0

/** The callbacks of plugins that look at the headers of requests and responses. */

import { Action } from "../contexts";
import { findStream } from "../registry";

export function proxy_on_request_headers(id: u32, count: u32, endOfStream: bool): Action {
  const stream = findStream(id);
  return stream ? stream.onRequestHeaders(count, endOfStream) : Action.Pause;
}

export function proxy_on_response_headers(id: u32, count: u32, endOfStream: bool): Action {
  const stream = findStream(id);
  return stream ? stream.onResponseHeaders(count, endOfStream) : Action.Pause;
}
