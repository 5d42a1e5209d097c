"""Plugins in the text format: each does one thing."""

import wasmtime

from wasmctl import module
from wasmctl.abi.types import AbiVersion
from wasmctl.plugin import Plugin

_CALLBACKS = {
    "vm_start": "(param i32 i32) (result i32)",
    "configure": "(param i32 i32) (result i32)",
    "request_headers": "(param i32 i32 i32) (result i32)",
    "request_body": "(param i32 i32 i32) (result i32)",
    "response_headers": "(param i32 i32 i32) (result i32)",
    "log": "(param i32)",
    "done": "(param i32) (result i32)",
    "delete": "(param i32)",
}

_FRAME = """
(module
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "proxy_add_header_map_value"
    (func $add (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_define_metric" (func $define (param i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_record_metric" (func $record (param i32 i64) (result i32)))
  (import "env" "proxy_increment_metric" (func $increment (param i32 i64) (result i32)))
  (import "env" "proxy_continue_stream" (func $continue (param i32) (result i32)))
  (import "env" "proxy_get_buffer_bytes"
    (func $buffer (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  %s
  (memory (export "memory") 1)
  (table 1 funcref)
  (type $none (func))
  (data (i32.const 0) "\\80\\00\\00\\00\\05\\00\\00\\00")  ;; an iovec: the text, with a line's end
  (data (i32.const 128) "text\\n")
  (data (i32.const 144) "x-plugin")
  (data (i32.const 160) "here")
  (data (i32.const 176) "gauge")
  (data (i32.const 192) "counter")
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 4096))
  (func $say (param $level i32)
    (drop (call $log (local.get $level) (i32.const 128) (i32.const 4))))
  %s)
"""

SAY = "(call $say (i32.const 2))"
ADD_HEADER = """(drop (call $add (i32.const {map})
    (i32.const 144) (i32.const 8) (i32.const 160) (i32.const 4)))"""
TRUE = "(i32.const 1)"
FALSE = CONTINUE = "(i32.const 0)"


def plugin(*, imports: str = "", functions: str = "", **callbacks: str) -> Plugin:
    """Return a plugin with the bodies of some callbacks: ``request_headers="(unreachable)"``.

    It is not checked as ``wasmctl.plugin`` would: hosts have to meet bad ones too.
    """
    bodies = [
        f'(func $on_{name} (export "proxy_on_{name}") {_CALLBACKS[name]} {body})'
        for name, body in callbacks.items()
    ]
    text = _FRAME % (imports, "\n".join([functions, *bodies]))
    content = bytes(wasmtime.wat2wasm(text))
    return Plugin(content=content, module=module.parse(content), abi_version=AbiVersion.V0_2_1)
