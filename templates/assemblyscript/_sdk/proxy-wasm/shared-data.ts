// SPDX-License-Identifier: Apache-2.0

import { proxy_get_shared_data, proxy_set_shared_data } from "./env";
import { RETURNED_ADDRESS, RETURNED_NUMBER, RETURNED_SIZE, addressOf, takeBytes } from "./memory";
import { Status, accepted } from "./status";
import { utf8 } from "./utf8";

/** A value, and the number by which the host knows whether it is still the same. */
export class SharedValue {
  constructor(
    readonly bytes: ArrayBuffer,
    readonly cas: u32,
  ) {}

  get text(): string {
    return utf8.decode(this.bytes);
  }
}

/**
 * Values that all plugins of one `vm_id` share, whichever worker thread of the proxy they run in.
 * They last as long as the proxy does: no key is ever removed.
 */
export namespace sharedData {
  /** The value of a key, or null if it was never set. */
  export function get(key: string): SharedValue | null {
    const name = utf8.encode(key);
    const status = proxy_get_shared_data(
      addressOf(name), name.byteLength, RETURNED_ADDRESS, RETURNED_SIZE, RETURNED_NUMBER,
    );
    if (status == Status.NotFound) return null;
    if (!accepted(status, "proxy_get_shared_data")) return null;
    return new SharedValue(takeBytes(), load<u32>(RETURNED_NUMBER));
  }

  /** Sets a value whatever it was; false if the host refused. */
  export function set(key: string, value: ArrayBuffer): bool {
    return accepted(write(key, value, 0), "proxy_set_shared_data");
  }

  /**
   * Sets a value only if it is still the one with the number `cas`. False if somebody else has
   * set it meanwhile, who is to be asked again with `get`, or if the host refused.
   */
  export function compareAndSet(key: string, value: ArrayBuffer, cas: u32): bool {
    const status = write(key, value, cas);
    return status != Status.CasMismatch && accepted(status, "proxy_set_shared_data");
  }

  function write(key: string, value: ArrayBuffer, cas: u32): Status {
    const name = utf8.encode(key);
    return proxy_set_shared_data(
      addressOf(name), name.byteLength, addressOf(value), value.byteLength, cas,
    );
  }
}
