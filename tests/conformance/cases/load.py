"""Modules and plugins that Envoy does not take, and why."""

from tests.conformance.case import Case, Filter, case
from tests.conformance.plugins import module
from wasmctl.abi.types import AbiVersion

_TRAP = "(unreachable)"


def _raw(name: str, rows: str, code: bytes) -> Case:
    return Case(id=f"load.{name}", rows=tuple(rows.split()), filters=(Filter(code=code),))


_MARKER = f'(func (export "{AbiVersion.V0_2_1.marker}"))'
_MALLOC = '(func (export "malloc") (param i32) (result i32) (i32.const 4096))'
_MEMORY = '(memory (export "memory") 1)'

CASES = (
    _raw("corrupted", "load.corrupted", b"\0asm\x01\0\0\0\x01"),
    _raw("no-module", "load.corrupted", b"#!/bin/sh\n"),
    _raw("empty", "load.corrupted", module("")),
    _raw("no-marker", "load.no-marker", module(_MEMORY + _MALLOC)),
    _raw("no-malloc", "load.no-malloc", module(_MARKER + _MEMORY)),
    _raw("no-memory", "load.no-memory", module(_MARKER + _MALLOC)),
    _raw("nothing-else", "lifecycle.missing-callbacks", module(_MARKER + _MALLOC + _MEMORY)),
    case("load.marker-0.3.0", "load.unknown-marker", marker="proxy_abi_version_0_3_0"),
    case("load.marker-0.2.2", "load.unknown-marker", marker="proxy_abi_version_0_2_2"),
    case("load.marker-0.2.100", "load.unknown-marker", marker="proxy_abi_version_0_2_100"),
    case(
        "load.import-missing",
        "load.missing-import",
        imports='(import "env" "proxy_unknown" (func $u))',
    ),
    case(
        "load.import-missing-module",
        "load.missing-import",
        imports='(import "other" "proxy_log" (func $u))',
    ),
    case(
        "load.import-old",
        "load.version-import",
        imports='(import "env" "proxy_continue_request" (func $u (result i32)))',
    ),
    case(
        "load.import-new",
        "load.version-import",
        imports='(import "env" "proxy_get_log_level" (func $u (param i32) (result i32)))',
        abi=AbiVersion.V0_2_0,
    ),
    case(
        "load.import-newer",
        "load.version-import",
        imports='(import "env" "proxy_continue_stream" (func $u (param i32) (result i32)))',
        abi=AbiVersion.V0_1_0,
    ),
    case(
        "load.import-type",
        "load.import-type",
        imports='(import "env" "proxy_done" (func $u (param i64)))',
    ),
    case(
        "load.import-global",
        "load.missing-import",
        imports='(import "env" "some_global" (global i32))',
    ),
    case(
        "load.import-memory",
        "load.no-memory",
        imports='(import "env" "memory" (memory 8))',
        memory="",
    ),
    case(
        "load.export-type",
        "load.export-type",
        without=("log",),
        extra='(func (export "proxy_on_log") (param i64))',
    ),
    case(
        "load.export-type-result",
        "load.export-type",
        without=("log",),
        extra='(func (export "proxy_on_log") (param i32) (result i32) (i32.const 0))',
    ),
    case(
        "load.export-type-unused",
        "load.export-type",
        extra='(func (export "proxy_on_grpc_close") (param i32))',
    ),
    case(
        "load.export-type-malloc",
        "load.export-type",
        allocator='(func (export "malloc") (param i64) (result i64) (i64.const 0))',
    ),
    case(
        "load.export-no-function",
        "load.export-type",
        extra='(global (export "proxy_on_tick") i32 (i32.const 0))',
    ),
    case("load.memory-2-gib", "load.too-much-memory", memory='(memory (export "memory") 32768)'),
    case("load.memory-1-gib", "load.too-much-memory", memory='(memory (export "memory") 16385)'),
    case("load.vm-start-false", "load.vm-start-false", returns={"vm_start": 0}),
    case(
        "load.configure-false",
        "load.configure-false",
        {"configure": [("proxy_log", 4, b"no")]},
        returns={"configure": 0},
    ),
    case("load.vm-start-trap", "load.vm-start-trap", {"vm_start": [_TRAP]}),
    case("load.configure-trap", "load.configure-trap", {"configure": [_TRAP]}),
    case("load.root-create-trap", "load.configure-trap", {"context_create": [_TRAP]}),
    case(
        "load.root-create-trap-refused",
        "load.configure-trap load.vm-start-false",
        {"context_create": [_TRAP]},
        returns={"vm_start": 0},
    ),
    case("load.start-trap", "load.start-trap", {"_start": [_TRAP]}),
    case(
        "load.start-section-trap", "load.start-section", extra="(func $s (unreachable)) (start $s)"
    ),
    case("load.data-outside", "load.start-section", extra='(data (i32.const 999999999) "x")'),
    case(
        "load.fail-open",
        "load.fail-open",
        returns={"configure": 0},
        settings={"fail_open": True},
    ),
    case(
        "load.policy-open",
        "load.fail-open",
        returns={"configure": 0},
        settings={"failure_policy": "FAIL_OPEN"},
    ),
    case(
        "load.configure-other",
        "load.configure-false",
        returns={"configure": 256, "vm_start": -1},
    ),
)
