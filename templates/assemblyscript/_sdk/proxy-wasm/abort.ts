// SPDX-License-Identifier: Apache-2.0

import { log } from "./log";

// Code at the top level of any file may abort, whichever file comes first.
// @ts-ignore: decorator
@lazy let aborting = false;

/**
 * What a failed assertion, a thrown error or an index out of bounds ends in: a critical message
 * with its place in the source, then a trap. asconfig.json names this function as `abort`.
 */
export function abort(
  message: string | null,
  fileName: string | null,
  line: u32,
  column: u32,
): void {
  // Building the message may abort as well, when memory has run out.
  if (!aborting) {
    aborting = true;
    const cause = message ? message : "no message";
    const file = fileName ? fileName : "unknown file";
    log.critical(`abort: ${cause} at ${file}:${line}:${column}`);
  }
  unreachable();
}
