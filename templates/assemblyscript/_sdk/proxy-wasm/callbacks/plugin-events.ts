// SPDX-License-Identifier: Apache-2.0

/** The callbacks of plugins with timers, queues or functions that the host calls. */

import { findPlugin } from "../registry";

export function proxy_on_tick(id: u32): void {
  const plugin = findPlugin(id);
  if (plugin) plugin.onTick();
}

export function proxy_on_queue_ready(id: u32, queueId: u32): void {
  const plugin = findPlugin(id);
  if (plugin) plugin.onQueueReady(queueId);
}

export function proxy_on_foreign_function(id: u32, functionId: u32, size: u32): void {
  const plugin = findPlugin(id);
  if (plugin) plugin.onForeignFunction(functionId, size);
}
