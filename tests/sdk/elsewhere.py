"""The rules that no plugin of the AssemblyScript SDK can be made to show, each with its reason.

All others apply to it, and have a case; ``test_rules.py`` plays them.
"""

from collections.abc import Mapping

_NUMBERS = "maps, buffers and kinds of metrics have names; what no host knows has none"
_ADDRESSES = "addresses, and bytes in the form they cross the border in, are the SDK's own"
_OBJECTS = "a metric is an object, with the methods that its kind has"
_ALLOCATOR = "the allocator is the SDK's, and is no place for code of a plugin"
_COMPILER = "how the module starts is the compiler's, with the settings that the template gives"
_VERSION = "the SDK speaks ABI 0.2.1, and its marker is fixed"
_IMPORTS = "the SDK imports and exports what ABI 0.2.1 declares, with the right signatures"
_EXPORTS = "a template exports a callback or does not; templates without bodies show it"
_WASI = "the SDK uses none of it"
_TOUR = "the SDK's own scenarios show it (tour.wasmtest.yaml)"
_START = "test_assemblyscript.py builds a plugin that does so"
_GRPC = "the SDK has no gRPC yet"
_HAZARDS = "hazards.py has them; the host finds them in calls, whichever language makes them"
_MEMORY = "it takes a gigabyte; the compiler's memory is limited like any other"
_ENVOY = "a function of Envoy's own, outside of ABI 0.2.1"

_BY_REASON: Mapping[str, tuple[str, ...]] = {
    _NUMBERS: (
        *("map.get.unknown-map", "map.pairs.unknown-map", "body.get.unknown"),
        *("metric.define.types", "memory.enum-first"),
    ),
    _ADDRESSES: (
        *("map.set.malformed", "memory.pairs.strict", "edge.emptied", "local.malformed-headers"),
        *("memory.out-of-range", "memory.result-out-of-range", "memory.zero"),
        *("memory.empty-at-end", "memory.overflow", "misc.time-memory", "log.memory", "log.order"),
        *("foreign.no-result", "shared.null"),
    ),
    _OBJECTS: ("metric.counter.record", "metric.histogram", "metric.unknown"),
    _ALLOCATOR: (
        *("memory.malloc-null", "memory.malloc-name", "memory.malloc-other"),
        *("restricted.malloc.log", "restricted.malloc.other", "trap.hostcall"),
    ),
    _COMPILER: (
        *("lifecycle.initialize", "lifecycle.main-void", "lifecycle.start-function"),
        *("lifecycle.initialize-trap", "load.start-trap", "load.no-memory"),
        *("load.too-much-memory", "load.start-section"),
    ),
    _VERSION: (
        *("map.get.missing-0.1.0", "map.get.in-log-0.1.0", "abi.0.1.0.headers"),
        *("abi.0.1.0.configuration", "abi.0.1.0.continue", "abi.0.1.0.clear-route-cache"),
        *("abi.0.2.0", "abi.several", "load.no-marker", "load.unknown-marker"),
    ),
    _IMPORTS: (
        *("load.missing-import", "load.version-import", "load.import-type", "load.corrupted"),
        *("load.no-malloc", "load.export-type", "wasi.missing", "wasi.unstable"),
    ),
    _EXPORTS: ("lifecycle.missing-callbacks",),
    _WASI: (
        *("wasi.fd_write", "wasi.fd_write.newline", "wasi.fd_write.empty", "wasi.fd_write.memory"),
        *("wasi.fd_read", "wasi.fd_seek", "wasi.fd_close", "wasi.fd_fdstat_get"),
        *("wasi.fd_fdstat_set_flags", "wasi.fd_prestat_get", "wasi.fd_prestat_dir_name"),
        *("wasi.path_open", "wasi.args", "wasi.clock_time_get", "wasi.poll_oneoff"),
        *("wasi.sched_yield", "wasi.proc_exit", "wasi.clock_res_get", "wasi.since-1.39.fd"),
        *("wasi.since-1.39.path", "wasi.since-1.39.sock", "capability.wasi"),
        "restricted.start.wasi",
    ),
    _TOUR: ("wasi.environ", "wasi.environ.none", "wasi.random_get"),
    _START: ("restricted.start.log", "restricted.start.other"),
    _GRPC: ("grpc.wrong-token", "hazard.empty-grpc-service"),
    _HAZARDS: (
        *("hazard.continue_before_response", "hazard.local_reply_in_log"),
        *("hazard.start-section-hostcall", "hazard.v128-export", "hazard.body-after-watermark"),
        *("hazard.sent-twice", "hazard.response-twice", "hazard.close_in_log"),
        *("hazard.local_reply_in_done", "hazard.stale-length", "hazard.response-splitting"),
    ),
    _MEMORY: ("memory.grow-limit",),
    _ENVOY: ("misc.pthread_equal", "misc.resolve-dns"),
}

ELSEWHERE = {row: reason for reason, rows in _BY_REASON.items() for row in rows}
