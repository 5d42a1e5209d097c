// SPDX-License-Identifier: Apache-2.0

import { log } from "./log";

/** What a hostcall answers. */
export enum Status {
  Ok = 0,
  NotFound = 1,
  BadArgument = 2,
  SerializationFailure = 3,
  ParseFailure = 4,
  InvalidMemoryAccess = 6,
  Empty = 7,
  CasMismatch = 8,
  InternalFailure = 10,
  Unimplemented = 12,
}

/**
 * Whether the host did what `hostcall` asked.
 *
 * A refusal is logged as a warning and never traps: a plugin that asks at the wrong moment should
 * be noticed, not answer 503 to every client.
 */
export function accepted(status: Status, hostcall: string): bool {
  if (status == Status.Ok) return true;
  log.warn(`${hostcall} was refused: ${describe(status)}`);
  return false;
}

function describe(status: Status): string {
  switch (status) {
    case Status.NotFound: return "not found";
    case Status.BadArgument: return "bad argument, or not available in this callback";
    case Status.SerializationFailure: return "the value cannot be serialized";
    case Status.ParseFailure: return "the argument cannot be parsed";
    case Status.InvalidMemoryAccess: return "invalid memory access";
    case Status.Empty: return "empty";
    case Status.CasMismatch: return "the value was changed by someone else";
    case Status.InternalFailure: return "internal failure, or a restricted capability";
    case Status.Unimplemented: return "not implemented by this host";
    default: return `status ${<i32>status}`;
  }
}
