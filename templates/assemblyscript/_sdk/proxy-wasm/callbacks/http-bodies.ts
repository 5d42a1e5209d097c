// SPDX-License-Identifier: Apache-2.0

/** The callbacks of plugins that look at the bodies of requests and responses. */

import { Action } from "../contexts";
import { findStream } from "../registry";

export function proxy_on_request_body(id: u32, size: u32, endOfStream: bool): Action {
  const stream = findStream(id);
  return stream ? stream.onRequestBody(size, endOfStream) : Action.Pause;
}

export function proxy_on_response_body(id: u32, size: u32, endOfStream: bool): Action {
  const stream = findStream(id);
  return stream ? stream.onResponseBody(size, endOfStream) : Action.Pause;
}
