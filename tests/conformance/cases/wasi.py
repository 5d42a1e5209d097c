"""WASI, function by function."""

import struct
from typing import Unpack

from tests.conformance.case import Case, Options, case
from tests.conformance.plugins import OUTSIDE, Statement
from wasmctl.abi.wasi import WASI_FUNCTIONS, WASI_FUNCTIONS_BEFORE_1_39

# Two parts, the second with two newlines at its end, behind each other in memory; the vector's
# addresses are made at run time.
_FIRST, _SECOND = 2048, 2064


def _words(*numbers: int) -> str:
    return "".join(f"\\{byte:02x}" for byte in struct.pack(f"<{len(numbers)}I", *numbers))


_DATA = f"""
  (data (i32.const {_FIRST}) "first ")
  (data (i32.const {_SECOND}) "second\\n\\n")
  (data (i32.const 2080) "{_words(_FIRST, 6, _SECOND, 8)}")
  (data (i32.const 2100) "{_words(_SECOND + 7, 1, OUTSIDE, 8)}")
"""
_VECTOR, _BAD_VECTOR, _WROTE = 2080, 2100, 16


def _write(name: str, *more: int) -> list[Statement]:
    words = "(call $words (i32.const 1))"
    calls: list[Statement] = []
    for descriptor, vector, count in (
        *((1, _VECTOR, 2), (2, _VECTOR, 2), (1, _VECTOR, 1), (1, _VECTOR + 8, 1), (0, _VECTOR, 2)),
        *((3, _VECTOR, 2), (1, _VECTOR, 0), (1, _BAD_VECTOR, 1), (1, _BAD_VECTOR, 2)),
        (1, OUTSIDE, 1),
    ):
        calls += ["(call $mark)", (name, descriptor, vector, count, *more, _WROTE), words]
    return [*calls, (name, 1, _VECTOR, 1, *more, OUTSIDE)]


def _of(name: str, rows: str, calls: list[Statement], **more: Unpack[Options]) -> Case:
    return case(f"wasi.{name}", rows, {"request_headers": calls}, **more)


def _each(name: str, *arguments: int) -> list[Statement]:
    """Call it on the first descriptors, and show what it wrote."""
    show = "(call $words (i32.const 4))"
    calls: list[Statement] = []
    for descriptor in (0, 1, 2, 3, -1):
        calls += ["(call $mark)", (name, descriptor, *arguments), show]
    return calls


def _since_1_39(part: str, names: tuple[str, ...]) -> Case:
    """Call functions with one descriptor and small numbers; results are shown as words."""
    calls: list[Statement] = []
    for name in names:
        count = len(WASI_FUNCTIONS[name].parameters)
        for descriptor in (1, 9):
            arguments = (descriptor, *[16] * (count - 1))
            calls += ["(call $mark)", (name, *arguments), "(call $words (i32.const 4))"]
    return _of(f"since-1.39-{part}", f"wasi.since-1.39.{part}", calls)


_NEW = tuple(name for name in WASI_FUNCTIONS if name not in WASI_FUNCTIONS_BEFORE_1_39)

CASES = (
    _of(
        "fd_write",
        "wasi.fd_write wasi.fd_write.newline wasi.fd_write.empty wasi.fd_write.memory",
        _write("fd_write"),
        extra=_DATA,
    ),
    _of("fd_pwrite", "wasi.since-1.39.fd", _write("fd_pwrite", 7), extra=_DATA),
    _of("fd_read", "wasi.fd_read", _each("fd_read", _VECTOR, 1, _WROTE), extra=_DATA),
    _of("fd_seek", "wasi.fd_seek", _each("fd_seek", 1, 0, _WROTE)),
    _of("fd_close", "wasi.fd_close", _each("fd_close")),
    _of(
        "fd_fdstat_get",
        "wasi.fd_fdstat_get",
        [*_each("fd_fdstat_get", 16), ("fd_fdstat_get", 1, OUTSIDE)],
    ),
    _of("fd_fdstat_set_flags", "wasi.fd_fdstat_set_flags", _each("fd_fdstat_set_flags", 0)),
    _of("fd_prestat_get", "wasi.fd_prestat_get", _each("fd_prestat_get", 16)),
    _of("fd_prestat_dir_name", "wasi.fd_prestat_dir_name", _each("fd_prestat_dir_name", 16, 4)),
    _of("path_open", "wasi.path_open", _each("path_open", 0, 16, 1, 0, 0, 0, 0, 16)),
    _of(
        "environ",
        "wasi.environ",
        [
            "(call $mark)",
            ("environ_sizes_get", 16, 20),
            "(call $words (i32.const 2))",
            ("environ_get", 2048, 3072),
            "(drop (call $proxy_log (i32.const 2) (i32.const 3072) (i32.const 6)))",
            "(i32.store (i32.const 16) (i32.load (i32.const 2048)))",
            "(call $words (i32.const 1))",
            ("environ_sizes_get", OUTSIDE, 20),
            ("environ_get", OUTSIDE, 3072),
            ("environ_get", 2048, OUTSIDE),
        ],
        settings={"environment": {"NAME": "1"}},
    ),
    _of(
        "environ-none",
        "wasi.environ.none",
        [
            "(call $mark)",
            ("environ_sizes_get", 16, 20),
            "(call $words (i32.const 2))",
            ("environ_get", 16, 20),
        ],
    ),
    _of(
        "args",
        "wasi.args",
        [
            "(call $mark)",
            ("args_sizes_get", 16, 20),
            "(call $words (i32.const 2))",
            ("args_get", 16, 20),
            ("args_sizes_get", OUTSIDE, 20),
        ],
    ),
    _of(
        "clock_time_get",
        "wasi.clock_time_get",
        [
            *[("clock_time_get", clock, 0, 16) for clock in (0, 1, 2, 3, 4, -1)],
            ("clock_time_get", 0, 0, OUTSIDE),
        ],
    ),
    _of(
        "random_get",
        "wasi.random_get",
        [
            *[("random_get", 65536 * 3, size) for size in (0, 1, 65536, 65537)],
            ("random_get", OUTSIDE, 0),
            ("random_get", OUTSIDE, 1),
            ("random_get", OUTSIDE, 65537),
        ],
    ),
    _of(
        "poll_oneoff",
        "wasi.poll_oneoff",
        ["(call $mark)", ("poll_oneoff", 2048, 3072, 1, 16), "(call $words (i32.const 1))"],
    ),
    _of("sched_yield", "wasi.sched_yield", [("sched_yield",)]),
    _of("proc_exit", "wasi.proc_exit", [("proc_exit", 3), ("proxy_log", 2, b"goes on")]),
    _of(
        "clock_res_get",
        "wasi.clock_res_get",
        [
            "(call $mark)",
            ("clock_res_get", 0, 16),
            "(call $words (i32.const 2))",
            *[("clock_res_get", clock, 16) for clock in (1, 2, 3, 9)],
            ("clock_res_get", 0, OUTSIDE),
        ],
    ),
    _since_1_39(
        "fd",
        tuple(name for name in _NEW if name.startswith("fd_") and name != "fd_pwrite"),
    ),
    _since_1_39("path", tuple(name for name in _NEW if name.startswith("path_"))),
    _since_1_39("sock", tuple(name for name in _NEW if name.startswith("sock_"))),
    case(
        "wasi.unstable",
        "wasi.unstable",
        {"request_headers": ["(drop (call $old_yield))"]},
        imports='(import "wasi_unstable" "sched_yield" (func $old_yield (result i32)))',
    ),
    case(
        "wasi.missing",
        "wasi.missing load.missing-import",
        {"request_headers": ["(drop (call $raise (i32.const 1)))"]},
        imports='(import "wasi_snapshot_preview1" "proc_raise"'
        " (func $raise (param i32) (result i32)))",
    ),
    case(
        "wasi.path-link-arity",
        "load.import-type",
        {},
        imports='(import "wasi_snapshot_preview1" "path_link"'
        " (func $link (param i32 i32 i32 i32 i32 i32 i32) (result i32)))",
    ),
)
