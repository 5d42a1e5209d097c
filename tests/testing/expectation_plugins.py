"""Plugins that show what expectations speak of, one for each subject."""

import wasmtime

from tests.host.plugins import plugin
from tests.testing.gate_plugin import gate
from wasmctl.abi.types import AbiVersion

_MARKER = f'(func (export "{AbiVersion.V0_2_1.marker}"))'
_MALLOC = '(func (export "malloc") (param i32) (result i32) (i32.const 4096))'
_MEMORY = '(memory (export "memory") 1)'
_LOG = '(import "env" "proxy_log" (func (param i32 i32) (result i32)))'
_MAGIC = '(import "env" "proxy_magic" (func))'


def _module(*parts: str) -> bytes:
    return bytes(wasmtime.wat2wasm(f"(module {' '.join(parts)})"))


def _denying() -> bytes:
    reply = ("proxy_send_local_response", 403, b"denied by rule", b"no", b"", -1)
    return plugin({"request_headers": [reply]}, returns={"request_headers": 1})


PLUGINS = {
    "headers.wasm": plugin(
        {
            "request_headers": [
                ("proxy_log", 2, b"one"),
                ("proxy_log", 3, b"two"),
                ("proxy_define_metric", 0, b"seen", 24),
                "(drop (call $proxy_increment_metric (i32.load (i32.const 24)) (i64.const 3)))",
                ("proxy_add_header_map_value", 0, b"x-a", b"1"),
                ("proxy_add_header_map_value", 0, b"x-b", b"2"),
            ],
            "response_headers": [("proxy_add_header_map_value", 2, b"x-c", b"3")],
        }
    ),
    "passes.wasm": plugin({}),
    "denies.wasm": _denying(),
    "asks.wasm": gate(),
    "pauses.wasm": plugin({"response_headers": []}, returns={"response_headers": 1}),
    "traps.wasm": plugin({"request_headers": ["(unreachable)"]}),
    "ticks.wasm": plugin({"configure": [("proxy_set_tick_period_milliseconds", 100)]}),
    "shares.wasm": plugin(
        {
            "vm_start": [("proxy_register_shared_queue", b"jobs", 24)],
            "request_headers": [
                ("proxy_set_shared_data", b"hits", b"2", 0),
                """(drop (call $proxy_enqueue_shared_queue
                    (i32.load (i32.const 24)) (i32.const 1024) (i32.const 4)))""",
            ],
        }
    ),
    "grows.wasm": plugin({"request_headers": ["(drop (memory.grow (i32.const 2)))"]}),
    "twice.wasm": plugin({"request_headers": [("proxy_continue_stream", 0)]}),
    "refuses.wasm": plugin({"configure": []}, returns={"configure": 0}),
    "traps-early.wasm": plugin({"configure": ["(unreachable)"]}),
    "magic.wasm": _module(_MAGIC, _MARKER, _MALLOC, _MEMORY),
    "odd-import.wasm": _module(_LOG, _MARKER, _MALLOC, _MEMORY),
    "odd-export.wasm": _module(
        _MARKER, _MALLOC, _MEMORY, '(func (export "proxy_on_tick") (result i32) (i32.const 0))'
    ),
    "no-malloc.wasm": _module(_MARKER, _MEMORY),
    "no-abi.wasm": _module(_MALLOC, _MEMORY),
    "corrupted.wasm": b"\0asm\1\0\0\0\xff\xff\xff",
}
