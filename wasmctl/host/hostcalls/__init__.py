"""The functions a plugin may import, one module for each section of the specification.

The modules are those of ABI 0.2.1's README, with the WASI functions of the same subject beside
them; `legacy` holds what 0.2.0 dropped, `emscripten` what its runtime wants, `wasi` what Envoy
answers without doing anything.
"""

from wasmctl.host.hostcall import DECLARED as HOSTCALLS
from wasmctl.host.hostcalls import (
    buffers,
    clocks,
    context_lifecycle,
    emscripten,
    environment_variables,
    foreign_functions,
    grpc_calls,
    http_calls,
    http_fields,
    http_streams,
    legacy,
    logging,
    metrics,
    properties,
    randomness,
    shared_data,
    shared_queues,
    streams,
    timers,
    wasi,
)

__all__ = [
    "HOSTCALLS",
    "buffers",
    "clocks",
    "context_lifecycle",
    "emscripten",
    "environment_variables",
    "foreign_functions",
    "grpc_calls",
    "http_calls",
    "http_fields",
    "http_streams",
    "legacy",
    "logging",
    "metrics",
    "properties",
    "randomness",
    "shared_data",
    "shared_queues",
    "streams",
    "timers",
    "wasi",
]
