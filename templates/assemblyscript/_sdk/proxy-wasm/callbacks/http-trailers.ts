// SPDX-License-Identifier: Apache-2.0

/** The callbacks of plugins that look at trailers, or pause bodies that trailers may end. */

import { Action } from "../contexts";
import { findStream } from "../registry";

export function proxy_on_request_trailers(id: u32, count: u32): Action {
  const stream = findStream(id);
  return stream ? stream.onRequestTrailers(count) : Action.Pause;
}

export function proxy_on_response_trailers(id: u32, count: u32): Action {
  const stream = findStream(id);
  return stream ? stream.onResponseTrailers(count) : Action.Pause;
}
