// SPDX-License-Identifier: Apache-2.0

/** The callback of plugins that make HTTP calls. */

import { takeCaller } from "../http-calls";
import { findContext } from "../registry";
import { enterStream } from "../streams";

export function proxy_on_http_call_response(
  id: u32,
  token: u32,
  headerCount: u32,
  bodySize: u32,
  trailerCount: u32,
): void {
  const caller = takeCaller(token);
  const context = findContext(caller);
  if (context == null) return; // the stream that asked has gone
  if (caller != id) enterStream(caller);
  context.onHttpCallResponse(token, headerCount, bodySize, trailerCount);
}
