"""Hostcalls at moments when most are not allowed."""

from collections.abc import Sequence

from tests.conformance.case import Case, case
from tests.conformance.plugins import HEAP, Statement, module
from wasmctl.abi.types import AbiVersion

_GET = "proxy_get_header_map_value"
_DATA = '(data (i32.const 4000) "text")'


def _allocator(name: str, rows: str, call: str, imports: str = "") -> Case:
    """Make a hostcall inside of malloc, which a header's value needs."""
    return case(
        f"restricted.malloc-{name}",
        rows,
        {"request_headers": [(_GET, 0, b":path"), ("proxy_log", 2, b"behind")]},
        allocator=f"""
          (func (export "malloc") (param i32) (result i32) {call} (i32.const {HEAP}))""",
        extra=_DATA,
        imports=imports,
    )


def _start(name: str, rows: str, calls: Sequence[Statement], function: str = "_start") -> Case:
    return case(f"restricted.start-{name}", rows, {function: calls})


def _wasi_import(name: str, kinds: str) -> str:
    return f'(import "wasi_snapshot_preview1" "{name}" (func $w_{name} {kinds}))'


CASES = (
    _allocator(
        "log",
        "restricted.malloc.log",
        "(drop (call $proxy_log (i32.const 2) (i32.const 4000) (i32.const 4)))",
    ),
    _allocator(
        "clock",
        "restricted.malloc.log",
        "(drop (call $w_clock_time_get (i32.const 0) (i64.const 0) (i32.const 3000)))",
        imports=_wasi_import("clock_time_get", "(param i32 i64 i32) (result i32)"),
    ),
    _allocator(
        "random",
        "restricted.malloc.other trap.hostcall",
        "(drop (call $w_random_get (i32.const 3000) (i32.const 1)))",
        imports=_wasi_import("random_get", "(param i32 i32) (result i32)"),
    ),
    _allocator(
        "status",
        "restricted.malloc.other trap.hostcall",
        "(drop (call $w_done))",
        imports='(import "env" "proxy_done" (func $w_done (result i32)))',
    ),
    _allocator("trap", "trap.hostcall", "(unreachable)"),
    _start("log", "restricted.start.log lifecycle.start-function", [("proxy_log", 2, b"starting")]),
    _start("other", "restricted.start.other load.start-trap", [("proxy_done",)]),
    _start(
        "define-metric", "restricted.start.other", [("proxy_define_metric", 0, b"restricted_c")]
    ),
    _start(
        "initialize",
        "restricted.start.other lifecycle.initialize-trap",
        [("proxy_done",)],
        "_initialize",
    ),
    _start("main", "restricted.start.log", [("proxy_log", 2, b"never")], "main"),
    _start(
        "wasi",
        "restricted.start.wasi",
        [
            ("clock_time_get", 0, 0, 16),
            ("random_get", 16, 4),
            ("environ_sizes_get", 16, 20),
            ("environ_get", 16, 20),
            ("args_sizes_get", 16, 20),
            ("args_get", 16, 20),
            ("fd_write", 1, 2048, 0, 16),
            ("poll_oneoff", 16, 16, 1, 16),
            ("fd_fdstat_get", 1, 64),
        ],
    ),
    *(
        _start(f"wasi-{name.replace('_', '-')}", "restricted.start.other", [(name, *arguments)])
        for name, arguments in {
            "fd_read": (0, 16, 1, 16),
            "fd_seek": (1, 0, 0, 16),
            "fd_close": (1,),
            "sched_yield": (),
            "path_open": (3, 0, 16, 1, 0, 0, 0, 0, 16),
            "proc_exit": (0,),
            "fd_prestat_get": (3, 16),
            "clock_res_get": (0, 16),
        }.items()
    ),
)

# A start section is the module's own, and runs before any function is known to the host.
START_SECTION = module(
    f"""(import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "{AbiVersion.V0_2_1.marker}"))
    (func (export "malloc") (param i32) (result i32) (i32.const 4096))
    (func $start (drop (call $log (i32.const 2) (i32.const 0) (i32.const 0))))
    (start $start)"""
)
