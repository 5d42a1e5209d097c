// SPDX-License-Identifier: Apache-2.0

/**
 * The hostcalls, as ABI 0.2.1 declares them.
 *
 * AssemblyScript imports a declared function from the module that its file is named after, so
 * this file must be called env.ts. Only the hostcalls that a plugin reaches end up in its module.
 *
 * `address` and `size` describe bytes of the plugin. A hostcall that returns bytes allocates them
 * through `malloc` and writes their address and size to the two addresses it was given.
 */

import { LogLevel } from "./log";
import { MapType } from "./header-map";
import { MetricType } from "./metrics";
import { BufferType } from "./buffer";
import { Status } from "./status";
import { StreamType } from "./streams";

export declare function proxy_log(level: LogLevel, address: usize, size: usize): Status;
export declare function proxy_get_log_level(level: usize): Status;

export declare function proxy_get_buffer_bytes(
  type: BufferType,
  start: u32,
  maxSize: u32,
  returnedAddress: usize,
  returnedSize: usize,
): Status;

export declare function proxy_get_buffer_status(
  type: BufferType,
  returnedSize: usize,
  returnedFlags: usize,
): Status;
export declare function proxy_set_buffer_bytes(
  type: BufferType,
  start: u32,
  size: u32,
  value: usize,
  valueSize: usize,
): Status;

export declare function proxy_get_header_map_pairs(
  type: MapType,
  returnedAddress: usize,
  returnedSize: usize,
): Status;
export declare function proxy_get_header_map_size(type: MapType, returnedSize: usize): Status;
export declare function proxy_set_header_map_pairs(
  type: MapType,
  pairs: usize,
  pairsSize: usize,
): Status;
export declare function proxy_get_header_map_value(
  type: MapType,
  name: usize,
  nameSize: usize,
  returnedAddress: usize,
  returnedSize: usize,
): Status;
export declare function proxy_add_header_map_value(
  type: MapType,
  name: usize,
  nameSize: usize,
  value: usize,
  valueSize: usize,
): Status;
export declare function proxy_replace_header_map_value(
  type: MapType,
  name: usize,
  nameSize: usize,
  value: usize,
  valueSize: usize,
): Status;
export declare function proxy_remove_header_map_value(
  type: MapType,
  name: usize,
  nameSize: usize,
): Status;

export declare function proxy_define_metric(
  type: MetricType,
  name: usize,
  nameSize: usize,
  metric: usize,
): Status;
export declare function proxy_increment_metric(metric: u32, offset: i64): Status;
export declare function proxy_record_metric(metric: u32, value: u64): Status;
export declare function proxy_get_metric(metric: u32, value: usize): Status;

export declare function proxy_get_property(
  path: usize,
  pathSize: usize,
  returnedAddress: usize,
  returnedSize: usize,
): Status;
export declare function proxy_set_property(
  path: usize,
  pathSize: usize,
  value: usize,
  valueSize: usize,
): Status;

export declare function proxy_send_local_response(
  status: u32,
  details: usize,
  detailsSize: usize,
  body: usize,
  bodySize: usize,
  headers: usize,
  headersSize: usize,
  grpcStatus: i32,
): Status;
export declare function proxy_continue_stream(type: StreamType): Status;
export declare function proxy_close_stream(type: StreamType): Status;
export declare function proxy_set_effective_context(id: u32): Status;
export declare function proxy_done(): Status;

export declare function proxy_http_call(
  upstream: usize,
  upstreamSize: usize,
  headers: usize,
  headersSize: usize,
  body: usize,
  bodySize: usize,
  trailers: usize,
  trailersSize: usize,
  timeoutMilliseconds: u32,
  returnedToken: usize,
): Status;

export declare function proxy_get_status(
  returnedCode: usize,
  returnedAddress: usize,
  returnedSize: usize,
): Status;

export declare function proxy_get_current_time_nanoseconds(returnedTime: usize): Status;
export declare function proxy_set_tick_period_milliseconds(period: u32): Status;

export declare function proxy_get_shared_data(
  key: usize,
  keySize: usize,
  returnedAddress: usize,
  returnedSize: usize,
  returnedCas: usize,
): Status;
export declare function proxy_set_shared_data(
  key: usize,
  keySize: usize,
  value: usize,
  valueSize: usize,
  cas: u32,
): Status;

export declare function proxy_register_shared_queue(
  name: usize,
  nameSize: usize,
  returnedQueue: usize,
): Status;
export declare function proxy_resolve_shared_queue(
  vmId: usize,
  vmIdSize: usize,
  name: usize,
  nameSize: usize,
  returnedQueue: usize,
): Status;
export declare function proxy_enqueue_shared_queue(
  queue: u32,
  value: usize,
  valueSize: usize,
): Status;
export declare function proxy_dequeue_shared_queue(
  queue: u32,
  returnedAddress: usize,
  returnedSize: usize,
): Status;

export declare function proxy_call_foreign_function(
  name: usize,
  nameSize: usize,
  value: usize,
  valueSize: usize,
  returnedAddress: usize,
  returnedSize: usize,
): Status;
