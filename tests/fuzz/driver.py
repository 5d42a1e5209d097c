"""A plugin whose callbacks do what a script in its memory says: any hostcall, any argument.

It is compiled once, and each run gives it another script: the first is the configuration of its
machine, and each stream begins with what it finds as shared data under `KEY`. A step takes 13
words of 64 bits: what to do, and up to twelve numbers. `SCRIPT` is where the script lies in
memory: first the place of each callback's steps, then the steps, then the bytes that they point
at. As it is ordinary memory, hostcalls may write into it: a script can change itself.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import wasmtime

from wasmctl.abi.callbacks import CALLBACKS, START_FUNCTIONS
from wasmctl.abi.hostcalls import HOSTCALLS
from wasmctl.abi.signature import Signature
from wasmctl.abi.types import AbiVersion
from wasmctl.abi.wasi import WASI_FUNCTIONS
from wasmctl.plugin import Plugin, parse

SCRIPT = 1 << 16
HEAP = 1 << 17
PAGES = 8
KEY = b"script"
_KEY_AT = 32
_OUT = (8, 12)
_WORDS = 13
_STEP_BYTES = 8 * _WORDS
_END = 0xFFFF
_TABLE = 64  # places of callbacks

# What a step can do besides hostcalls.
ACTIONS = {
    "grow": "(drop (memory.grow (i32.and {0} (i32.const 1023))))",
    "store": "(i32.store {0} {1})",
    "copy": "(i32.store {0} (i32.load {1}))",
    "allocator": "(global.set $mode {0})",
    "run": "(drop (call $run {0}))",
    "trap": "(unreachable)",
    "loop": "(loop $again (br $again))",
    "recurse": "(call $step {pc})",
    "divide": "(drop (i32.div_u {0} {1}))",
    "indirect": "(call_indirect (type $none) {0})",
    "enlarge": "(drop (table.grow (ref.null func) {0}))",
}

# What the allocator does, by its mode; the first is the usual.
_ALLOCATORS = (
    "(call $bump (local.get 0))",
    "(i32.const 0)",
    "(i32.const -16)",
    "(unreachable)",
    "(drop (call $proxy_log (i32.const 2) (i32.const 0) (i32.const 8))) (call $bump (local.get 0))",
    "(drop (call $proxy_done)) (call $bump (local.get 0))",
    "(drop (memory.grow (i32.const 1))) (call $bump (local.get 0))",
    "(loop $again (br $again)) (i32.const 8)",
    "(call $malloc (local.get 0))",
    "(i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 3))",
    "(drop (call $run (i32.const 63))) (call $bump (local.get 0))",
    f"(i32.const {SCRIPT + 3})",
)
ALLOCATORS = len(_ALLOCATORS)
IN_ALLOCATOR = 63  # the place of the script that its allocator runs


@dataclass(frozen=True)
class Driver:
    """The plugin for one version of the ABI.

    Attributes:
        steps: what a step can do, by name: the number, and the signature if it is a hostcall.
        callbacks: the place of each export's script.

    """

    module: Plugin
    steps: Mapping[str, tuple[int, Signature | None]]
    callbacks: Mapping[str, int]


@cache
def driver(version: AbiVersion) -> Driver:
    """Make the plugin for a version."""
    imports = HOSTCALLS[version] | WASI_FUNCTIONS
    names = [*imports, *ACTIONS]
    exports = {**CALLBACKS[version], **START_FUNCTIONS}
    del exports["_start"]
    del exports["__main_void"]
    callbacks = {name: place for place, name in enumerate(exports)}
    return Driver(
        module=parse(bytes(wasmtime.wat2wasm(_text(version, imports, exports)))),
        steps={name: (number, imports.get(name)) for number, name in enumerate(names)},
        callbacks=callbacks,
    )


def script(
    parts: Mapping[int, tuple[Sequence[tuple[int, Sequence[int]]], int]], data: bytes
) -> bytes:
    """Return a script: at each place its steps and what the callback returns; then the data."""
    places = [0] * _TABLE
    content = b""
    start = SCRIPT + 4 * _TABLE
    for place, (steps, returned) in parts.items():
        places[place] = start + len(content)
        for number, arguments in (*steps, (_END, (returned,))):
            words = [number, *arguments, *(0,) * (_WORDS - 1 - len(arguments))]
            content += struct.pack(f"<{_WORDS}Q", *(word % (1 << 64) for word in words))
    return struct.pack(f"<{_TABLE}I", *places) + content + data


def data_start(counts: Mapping[int, int]) -> int:
    """Return where the data of a script with so many steps at each place will lie."""
    steps = sum(count + 1 for count in counts.values())
    return SCRIPT + 4 * _TABLE + _STEP_BYTES * steps


def _text(
    version: AbiVersion, imports: Mapping[str, Signature], exports: Mapping[str, Signature]
) -> str:
    functions = [_export(place, name, kind) for place, (name, kind) in enumerate(exports.items())]
    imported = [_import(name, kind) for name, kind in imports.items()]
    return f"""(module {" ".join(imported)}
      (memory (export "memory") {PAGES}) (table 4 1000000 funcref) (type $none (func))
      (elem (i32.const 0) $nothing)
      (global $heap (mut i32) (i32.const {HEAP})) (global $mode (mut i32) (i32.const 0))
      (func (export "{version.marker}")) (func $nothing)
      (data (i32.const {_KEY_AT}) "{KEY.decode()}") {_loader()}
      (func $bump (param i32) (result i32)
        (global.get $heap)
        (global.set $heap (i32.add (global.get $heap) (local.get 0)))
        (if (i32.gt_u (global.get $heap) (i32.const {HEAP + (1 << 18)}))
          (then (global.set $heap (i32.const {HEAP})))))
      (func $malloc (export "malloc") (param i32) (result i32) {_allocator()})
      (func $run (param $place i32) (result i32) (local $pc i32)
        (local.set $pc (i32.load (i32.add (i32.const {SCRIPT})
          (i32.shl (i32.and (local.get $place) (i32.const {_TABLE - 1})) (i32.const 2)))))
        (if (i32.eqz (local.get $pc)) (then (return (i32.const 1))))
        (loop $next
          (if (i32.eq (i32.load (local.get $pc)) (i32.const {_END}))
            (then (return (i32.load offset=8 (local.get $pc)))))
          (call $step (local.get $pc))
          (local.set $pc (i32.add (local.get $pc) (i32.const {_STEP_BYTES})))
          (br $next))
        (unreachable))
      (func $step (param $pc i32) {_dispatch(imports)})
      {" ".join(functions)})"""


def _loader() -> str:
    """Read the script: a root context that of the machine (buffer 6), a stream its own."""
    pointer, size = (f"(i32.const {at})" for at in _OUT)
    return f"""(func $load (param $parent i32)
      (global.set $mode (i32.const 0))
      (br_if 0 (if (result i32) (local.get $parent)
        (then (call $proxy_get_shared_data
          (i32.const {_KEY_AT}) (i32.const {len(KEY)}) {pointer} {size} (i32.const 16)))
        (else (call $proxy_get_buffer_bytes
          (i32.const 6) (i32.const 0) (i32.const 65536) {pointer} {size}))))
      (memory.copy (i32.const {SCRIPT}) (i32.load {pointer}) (i32.load {size})))"""


def loads(function: str, arguments: Sequence[int]) -> bool:
    """Whether a hostcall is the driver's own: it reads a script."""
    buffers = {"proxy_get_buffer_bytes": 6, "proxy_get_shared_data": _KEY_AT}
    return (buffers.get(function),) == tuple(arguments[:1]) and _OUT[0] in arguments


def _dispatch(imports: Mapping[str, Signature]) -> str:
    cases = [_hostcall(name, kind) for name, kind in imports.items()]
    cases += [_action(text) for text in ACTIONS.values()]
    text = f"(br_table {' '.join(map(str, range(len(cases) + 1)))} (i32.load (local.get $pc)))"
    for case in cases:
        text = f"(block {text}) {case} (return)"
    return f"(block {text})"


def _hostcall(name: str, kind: Signature) -> str:
    loaded = [f"({each}.load {_at(index)})" for index, each in enumerate(kind.parameters)]
    called = f"(call ${name} {' '.join(loaded)})"
    return f"(drop {called})" if kind.results else called


def _action(text: str) -> str:
    loads = [f"(i32.load {_at(index)})" for index in range(2)]
    return text.format(*loads, pc="(local.get $pc)")


def _at(index: int) -> str:
    return f"offset={8 * (index + 1)} (local.get $pc)"


def _allocator() -> str:
    text = f"(br_table {' '.join(map(str, range(ALLOCATORS)))} (global.get $mode))"
    for case in _ALLOCATORS:
        text = f"(block {text}) {case} (return)"
    return f"{text} (unreachable)"


def _import(name: str, kind: Signature) -> str:
    module = "wasi_snapshot_preview1" if name in WASI_FUNCTIONS else "env"
    return f'(import "{module}" "{name}" (func ${name} {_types(kind)}))'


def _export(place: int, name: str, kind: Signature) -> str:
    begins = "(call $load (local.get 1))" if name == "proxy_on_context_create" else ""
    called = f"(call $run (i32.const {place}))"
    body = called if kind.results else f"(drop {called})"
    return f'(func (export "{name}") {_types(kind)} {begins} {body})'


def _types(kind: Signature) -> str:
    parameters = " ".join(f"(param {each})" for each in kind.parameters)
    results = " ".join(f"(result {each})" for each in kind.results)
    return f"{parameters} {results}"
