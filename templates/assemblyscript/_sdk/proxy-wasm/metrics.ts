// SPDX-License-Identifier: Apache-2.0

/**
 * Metrics of the proxy. All plugins of the process that define one name share one value. They
 * are defined while a plugin context is created, started or configured, never at the top level
 * of a source file: no hostcall but `proxy_log` is allowed that early.
 *
 * Envoy calls a metric `wasmcustom.<name>`, and leaves the prefix out in its Prometheus format.
 */

import {
  proxy_define_metric,
  proxy_get_metric,
  proxy_increment_metric,
  proxy_record_metric,
} from "./env";
import { RETURNED_NUMBER, addressOf } from "./memory";
import { accepted } from "./status";
import { utf8 } from "./utf8";

export enum MetricType {
  Counter = 0,
  Gauge = 1,
  Histogram = 2,
}

/** A number that only grows. */
export class Counter {
  private readonly metric: u32;

  constructor(name: string) {
    this.metric = define(MetricType.Counter, name);
  }

  /** Adds `offset`, which hosts refuse if it is negative; false if the host refused. */
  increment(offset: i64 = 1): bool {
    // Adding nothing is no mistake of the plugin, though hosts refuse it.
    return offset == 0 || change(this.metric, offset);
  }

  get value(): u64 {
    return valueOf(this.metric);
  }
}

/** A number that goes up and down. */
export class Gauge {
  private readonly metric: u32;

  constructor(name: string) {
    this.metric = define(MetricType.Gauge, name);
  }

  /** Adds `offset`, which may be negative; false if the host refused. */
  increment(offset: i64): bool {
    return change(this.metric, offset);
  }

  /** Sets the number; false if the host refused. */
  record(value: u64): bool {
    return accepted(proxy_record_metric(this.metric, value), "proxy_record_metric");
  }

  get value(): u64 {
    return valueOf(this.metric);
  }
}

/** A distribution of numbers, which only the proxy can read. */
export class Histogram {
  private readonly metric: u32;

  constructor(name: string) {
    this.metric = define(MetricType.Histogram, name);
  }

  /** Adds a sample; false if the host refused. */
  record(value: u64): bool {
    return accepted(proxy_record_metric(this.metric, value), "proxy_record_metric");
  }
}

// The number of a metric that the host refused to define. No host hands out that many, so each use
// of the metric is refused and logged as well.
const UNDEFINED: u32 = u32.MAX_VALUE;

function define(type: MetricType, name: string): u32 {
  const bytes = utf8.encode(name);
  const status = proxy_define_metric(type, addressOf(bytes), bytes.byteLength, RETURNED_NUMBER);
  return accepted(status, "proxy_define_metric") ? load<u32>(RETURNED_NUMBER) : UNDEFINED;
}

function change(metric: u32, offset: i64): bool {
  return accepted(proxy_increment_metric(metric, offset), "proxy_increment_metric");
}

function valueOf(metric: u32): u64 {
  const status = proxy_get_metric(metric, RETURNED_NUMBER);
  return accepted(status, "proxy_get_metric") ? load<u64>(RETURNED_NUMBER) : 0;
}
