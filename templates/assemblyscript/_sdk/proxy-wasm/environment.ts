// SPDX-License-Identifier: Apache-2.0

import { RETURNED_NUMBER, RETURNED_SIZE, addressOf } from "./memory";
import { utf8 } from "./utf8";
import { environ_get, environ_sizes_get } from "./wasi";

/** The environment variables that the VM's configuration lists, which are all there are. */
export namespace environment {
  /** The value of a variable, or null; it stays what it is, so ask once. */
  export function get(name: string): string | null {
    const lines = all();
    for (let index = 0; index < lines.length; index++) {
      if (lines[index].startsWith(name + "=")) return lines[index].substring(name.length + 1);
    }
    return null;
  }

  /** All of them, each as `NAME=value`. */
  export function all(): string[] {
    if (environ_sizes_get(RETURNED_NUMBER, RETURNED_SIZE) != 0) return [];
    const addresses = new ArrayBuffer(load<u32>(RETURNED_NUMBER) * sizeof<usize>());
    const texts = new ArrayBuffer(load<u32>(RETURNED_SIZE));
    if (environ_get(addressOf(addresses), addressOf(texts)) != 0) return [];
    const lines = utf8.decode(texts).split("\0");
    lines.pop(); // each has a zero byte behind it
    return lines;
  }
}
