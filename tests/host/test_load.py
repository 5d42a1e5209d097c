"""What is refused before anything runs, in the words that Envoy 1.40 prints."""

import pytest
import wasmtime

from tests.host.plugins import plugin
from wasmctl.abi.types import AbiVersion
from wasmctl.errors import NotAPluginError
from wasmctl.host import Host, LoadError

_MEMORY = '(memory (export "memory") 1)'
_MARKER = '(func (export "proxy_abi_version_0_2_1"))'
_MALLOC = '(func (export "malloc") (param i32) (result i32) (i32.const 8))'


def wasm(*parts: str) -> bytes:
    return bytes(wasmtime.wat2wasm(f"(module {' '.join(parts)})"))


def complete(*parts: str) -> bytes:
    return wasm(*parts, _MEMORY, _MARKER, _MALLOC)


_REFUSED = {
    "text": (b"hello", "Missing or unknown Proxy-Wasm ABI version"),
    "a component": (b"\0asm\x0d\0\1\0", "Missing or unknown Proxy-Wasm ABI version"),
    "cut short": (b"\0asm\1\0\0\0\1\x50", "Failed to parse corrupted Wasm module"),
    "no marker": (wasm(_MEMORY, _MALLOC), "Missing or unknown Proxy-Wasm ABI version"),
    "an unknown marker": (
        wasm(_MEMORY, _MALLOC, '(func (export "proxy_abi_version_0_3_0"))'),
        "Missing or unknown Proxy-Wasm ABI version",
    ),
    "no allocator": (wasm(_MEMORY, _MARKER), "Wasm module is missing malloc function."),
    "an allocator that is no function": (
        wasm(_MEMORY, _MARKER, '(global (export "malloc") i32 (i32.const 1))'),
        "Wasm module is missing malloc function.",
    ),
    "an allocator of another type": (
        complete('(func (export "proxy_on_memory_allocate") (param i64) (result i32) unreachable)'),
        (
            "Bad function signature for: proxy_on_memory_allocate, want: i32 -> i32, "
            "but the module exports: i64 -> i32"
        ),
    ),
    "an unknown import": (
        complete('(import "env" "foo" (func))'),
        "Failed to load Wasm module due to a missing import: env.foo",
    ),
    "an imported global": (
        complete('(import "env" "foo" (global i32))'),
        "Failed to load Wasm module due to a missing import: env.foo",
    ),
    "an import of an older version": (
        complete('(import "env" "proxy_continue_request" (func (result i32)))'),
        "Failed to load Wasm module due to a missing import: env.proxy_continue_request",
    ),
    "an import of another type": (
        complete('(import "env" "proxy_log" (func (param i32)))'),
        (
            "Failed to load Wasm module due to an import type mismatch: env.proxy_log, "
            "want: i32 -> void, but host exports: i32 i32 i32 -> i32"
        ),
    ),
    "a callback of another type": (
        complete('(func (export "proxy_on_tick") (param i64) (result f64 i32) unreachable)'),
        (
            "Bad function signature for: proxy_on_tick, want: i32 -> void, "
            "but the module exports: i64 -> f64 i32"
        ),
    ),
    "a callback of vectors": (
        complete('(func (export "proxy_on_tick") (param v128))'),
        (
            "Bad function signature for: proxy_on_tick, want: i32 -> void, "
            "but the module exports: types that no plugin can use"
        ),
    ),
    "a callback that is never called": (
        complete('(func (export "proxy_on_foreign_function") (param i64))'),
        (
            "Bad function signature for: proxy_on_foreign_function, want: i32 i32 i32 -> void, "
            "but the module exports: i64 -> void"
        ),
    ),
    "main of another type, behind _initialize": (
        complete('(func (export "_initialize"))', '(func (export "main") (param i64))'),
        (
            "Bad function signature for: main, want: i32 i32 -> i32, "
            "but the module exports: i64 -> void"
        ),
    ),
    "_start of another type": (
        complete('(func (export "_start") (param i64))'),
        (
            "Bad function signature for: _start, want: void -> void, "
            "but the module exports: i64 -> void"
        ),
    ),
    "code that does not validate": (
        bytes.fromhex("0061736d01000000")
        + b"\x01\x0a\x02\x60\0\0\x60\x01\x7f\x01\x7f"  # types: ()->(), (i32)->(i32)
        + b"\x03\x03\x02\0\x01"
        + b"\x07\x2b\x02\x17proxy_abi_version_0_2_1\0\0\x06malloc\0\x01\x06memory\x02\0"[:0]
        + b"\x07\x24\x02\x17proxy_abi_version_0_2_1\0\0\x06malloc\0\x01"
        + b"\x0a\x08\x02\x02\0\x0b\x03\0\x1a\x0b",
        "Failed to parse corrupted Wasm module",
    ),
}


@pytest.mark.parametrize(("content", "reason"), _REFUSED.values(), ids=_REFUSED.keys())
def test_a_module_that_envoy_refuses_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(LoadError) as refused:
        Host.start(content)

    assert refused.value.message == reason
    assert refused.value.hint


_ACCEPTED = {
    "main of another type without _initialize": '(func (export "main") (param i64))',
    "_start of another type beside _initialize": (
        '(func (export "_initialize")) (func (export "_start") (param i64))'
    ),
    "functions of its own": '(func (export "free") (param i64))',
    "a callback's name on a global": '(global (export "proxy_on_tick") i32 (i32.const 1))',
    "two markers": '(func (export "proxy_abi_version_0_2_0"))',
}


@pytest.mark.parametrize("part", _ACCEPTED.values(), ids=_ACCEPTED.keys())
def test_a_module_that_envoy_takes_is_taken(part: str) -> None:
    with Host.start(complete(part)) as host:
        assert host.trap is None


@pytest.mark.parametrize("abi", list(AbiVersion))
def test_every_abi_version_is_taken(abi: AbiVersion) -> None:
    with Host.start(plugin(abi=abi)) as host:
        assert host.trap is None


def test_a_refusal_is_one_kind_of_what_is_no_plugin() -> None:
    with pytest.raises(NotAPluginError):
        Host.start(b"")
