// SPDX-License-Identifier: Apache-2.0

import { proxy_get_current_time_nanoseconds, proxy_set_tick_period_milliseconds } from "./env";
import { RETURNED_NUMBER } from "./memory";
import { accepted } from "./status";

/** The clock of the proxy. */
export namespace time {
  /** Nanoseconds since 1970; 0 if the host refuses. */
  export function now(): u64 {
    const status = proxy_get_current_time_nanoseconds(RETURNED_NUMBER);
    return accepted(status, "proxy_get_current_time_nanoseconds") ? load<u64>(RETURNED_NUMBER) : 0;
  }

  /**
   * Has `onTick` of the current plugin context called again and again; 0 stops that. To be called
   * in a callback of the plugin context. Each worker thread of the proxy has its own plugin
   * context, and so its own ticks.
   */
  export function tickEvery(milliseconds: u32): bool {
    const status = proxy_set_tick_period_milliseconds(milliseconds);
    return accepted(status, "proxy_set_tick_period_milliseconds");
  }
}
