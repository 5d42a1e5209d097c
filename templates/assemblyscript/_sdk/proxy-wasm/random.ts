// SPDX-License-Identifier: Apache-2.0

import { log } from "./log";
import { addressOf } from "./memory";
import { random_get } from "./wasi";

/** Random numbers of the host. */
export namespace random {
  /** That many random bytes, of which Envoy gives 65,536 at most; null if the host refused. */
  export function bytes(count: u32): ArrayBuffer | null {
    const result = new ArrayBuffer(count);
    if (random_get(addressOf(result), count) == 0) return result;
    log.warn("random_get was refused");
    return null;
  }
}
