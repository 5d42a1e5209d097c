"""Modules that nobody wrote: good ones with other bytes, texts put together at random, bombs."""

from functools import cache
from random import Random

import wasmtime

from tests.fuzz.expressions import value
from tests.host.plugins import FOREVER, plugin
from wasmctl.abi.types import AbiVersion, WasmType


@cache
def _bases() -> tuple[bytes, ...]:
    path = ("proxy_get_header_map_value", 0, b":path", 16, 20)
    return (
        plugin({"request_headers": [path, ("proxy_log", 2, b"text")]}),
        plugin({"configure": [("proxy_get_buffer_bytes", 7, 0, 99, 16, 20)], "log": []}),
        plugin({"_start": [], "response_body": [("proxy_set_buffer_bytes", 1, 0, 9, b"x")]}),
        plugin({"request_headers": [path]}, abi=AbiVersion.V0_1_0),
    )


def mutation(random: Random) -> bytes:
    """Return a good module with some of its bytes changed."""
    content = bytearray(random.choice(_bases()))
    for _ in range(random.choice((1, 1, 2, 5))):
        _mutate(random, content)
    return bytes(content)


def _mutate(random: Random, content: bytearray) -> None:
    at = random.randrange(len(content))
    match random.randrange(5):
        case 0:
            content[at] = random.randrange(256)
        case 1:
            content[at] ^= 1 << random.randrange(8)
        case 2:
            del content[at : at + random.randrange(1, 5)]
        case 3:
            content[at:at] = random.choice((b"\x00", b"\x0b", b"\xff\xff\xff\xff\x0f", b"\x80"))
        case _:
            start = random.randrange(len(content))
            content[at:at] = content[start : start + random.randrange(20)]


def text(random: Random) -> bytes:
    """Put a module together that the text format takes, and a host may not."""
    parts = random.sample(_PARTS, random.choice((0, 0, 0, 1, 3)))
    imports = [part for part in parts if part.startswith("(import")]
    others = [part for part in parts if not part.startswith("(import")]
    names = ["request_headers", *random.sample(_CALLBACKS, random.choice((0, 0, 1, 3)))]
    try:
        return plugin(
            {name: [f"(drop {value(random, WasmType.I32, 6)})"] for name in names},
            imports=" ".join(imports),
            extra=" ".join(others),
        )
    except wasmtime.WasmtimeError:
        return mutation(random)


_CALLBACKS = ("response_headers", "response_body", "configure", "vm_start", "_initialize", "log")
_PARTS = (
    '(import "env" "proxy_log" (func (param i32) (result i32)))',
    '(import "env" "proxy_log" (func (param i64 i32 i32) (result i32)))',
    '(import "env" "nothing" (func))',
    '(import "other" "proxy_done" (func (result i32)))',
    '(import "env" "memory" (memory 1))',
    '(import "env" "memory" (memory 1 2))',
    '(import "env" "memory" (memory i64 1))',
    '(import "env" "memory" (memory 60000))',
    '(import "env" "table" (table 9 funcref))',
    '(import "env" "table" (table 4294967295 funcref))',
    '(import "env" "table" (table 1 externref))',
    '(import "env" "global" (global i32))',
    '(import "env" "tag" (tag (param i32)))',
    '(import "wasi_unstable" "fd_write" (func (param i32 i32 i32 i32) (result i32)))',
    '(func (export "proxy_on_tick") (param i32 i32))',
    '(func (export "proxy_on_done") (result i32) (i32.const 1))',
    '(func (export "proxy_abi_version_0_1_0"))',
    '(func (export "proxy_abi_version_9_9_9"))',
    '(func (export "main") (param i32 i32) (result i32) (i32.const 0))',
    '(global (export "proxy_on_log") i32 (i32.const 1))',
    '(func (export "f") (param v128) (result v128) (local.get 0))',
    '(global (export "g") v128 (v128.const i64x2 1 2))',
    '(func (export "h") (param f32 f64 externref) (result funcref) (ref.null func))',
    '(table (export "t") 1 exnref)',
    '(tag (export "e") (param i32 v128))',
    "(memory 1)",
    '(memory (export "memory2") 1)',
    "(table 100000 funcref)",
    "(func $start (unreachable)) (start $start)",
    "(func $begin (loop $again (br $again))) (start $begin)",
    '(data (i32.const 600000) "beyond")',
    '(@custom "name" "\\ff\\ff\\ff")',
    '(@custom "producers" "text")',
    "(func (result i32) (memory.size))",
    "(type (func (param i32 i64 f32 f64 v128 funcref externref)))",
)


@cache
def bombs() -> tuple[bytes, ...]:
    """What never ends, and what never has enough."""
    callbacks = [{name: [FOREVER]} for name in ("request_headers", "configure", "log", "tick")]
    hoards = [{"request_headers": [f"(loop $more (drop {each}) (br $more))"]} for each in _HOARDS]
    return (
        *(plugin(each, extra=_DEEP) for each in callbacks),
        *(plugin(each, extra="(table 1 funcref)") for each in hoards),
        *(plugin({"request_headers": [each]}, extra=_DEEP) for each in _DEPTHS),
        plugin({}, extra=_slow(10_000)),
        plugin(
            {"request_headers": [("proxy_get_header_map_value", 0, b":path", 16, 20)]},
            allocator='(func $malloc (export "malloc") (param i32) (result i32)'
            " (call $malloc (local.get 0)))",
        ),
    )


def _slow(count: int) -> str:
    """Write a function that takes far longer to compile than its size lets expect."""
    steps = "".join(
        f"(if (local.get {number}) (then (local.set {number * 7 % count} (i32.const {number}))))"
        for number in range(count)
    )
    return f"(func (local {'i32 ' * count}) (loop $again {steps} (br_if $again (local.get 0))))"


_DEEP = """(func $deep (call $deep)) (func $wide (param i64) (result i64) (local i64 i64 i64 i64)
  (i64.add (local.get 0) (call $wide (local.get 0))))"""
_DEPTHS = (
    "(call $deep)",
    "(drop (call $wide (i64.const 1)))",
    "(drop (memory.grow (i32.const 2147483647)))",
)
_LONG = "(i32.const 0) (i32.const 60000)"
_HOARDS = (
    "(memory.grow (i32.const 100))",
    "(table.grow (ref.null func) (i32.const 99))",
    f"(call $proxy_log (i32.const 2) {_LONG})",
    f"(call $proxy_add_header_map_value (i32.const 0) (i32.const 0) (i32.const 9) {_LONG})",
    f"(call $proxy_define_metric (i32.const 0) {_LONG} (i32.const 16))",
    f"(call $proxy_set_buffer_bytes (i32.const 0) (i32.const 0) (i32.const 0) {_LONG})",
    f"(call $proxy_enqueue_shared_queue (i32.const 1) {_LONG})",
    f"(call $proxy_set_property (i32.const 0) (i32.const 9) {_LONG})",
)
