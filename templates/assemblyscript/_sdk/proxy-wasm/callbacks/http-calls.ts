// SPDX-License-Identifier: Apache-2.0

/** The callback of plugins that make HTTP calls. */

import { takeCaller } from "../http-calls";
import { findContext } from "../registry";

export function proxy_on_http_call_response(
  id: u32,
  token: u32,
  headerCount: u32,
  bodySize: u32,
  trailerCount: u32,
): void {
  const context = findContext(takeCaller(token));
  if (context == null) return; // the stream that asked has gone
  if (context.id != id) context.enter();
  context.onHttpCallResponse(token, headerCount, bodySize, trailerCount);
}
