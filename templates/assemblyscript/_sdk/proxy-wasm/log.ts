// SPDX-License-Identifier: Apache-2.0

import { proxy_get_log_level, proxy_log } from "./env";
import { RETURNED_NUMBER } from "./memory";
import { accepted } from "./status";
import { utf8 } from "./utf8";

export enum LogLevel {
  Trace = 0,
  Debug = 1,
  Info = 2,
  Warn = 3,
  Error = 4,
  Critical = 5,
}

/** Messages for the log of the proxy, which adds the names of the plugin and of its VM. */
export namespace log {
  export function trace(message: string): void {
    write(LogLevel.Trace, message);
  }

  export function debug(message: string): void {
    write(LogLevel.Debug, message);
  }

  export function info(message: string): void {
    write(LogLevel.Info, message);
  }

  export function warn(message: string): void {
    write(LogLevel.Warn, message);
  }

  export function error(message: string): void {
    write(LogLevel.Error, message);
  }

  export function critical(message: string): void {
    write(LogLevel.Critical, message);
  }

  export function write(level: LogLevel, message: string): void {
    const bytes = utf8.encode(message);
    // A log that the host refuses leaves nobody to tell.
    proxy_log(level, changetype<usize>(bytes), bytes.byteLength);
  }

  /** The lowest level that the proxy shows; ask before building a costly message. */
  export function level(): LogLevel {
    const status = proxy_get_log_level(RETURNED_NUMBER);
    return accepted(status, "proxy_get_log_level") ? load<u32>(RETURNED_NUMBER) : LogLevel.Info;
  }
}
