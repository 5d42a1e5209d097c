"""Plugins of the cases: lists of hostcalls per callback, made into WebAssembly text.

Every callback of HTTP streams is exported, so that a trace shows when each one runs; what a case
says about one is done inside. A hostcall is a tuple of its name and arguments: ``bytes`` stand for
a pointer and a length, and return pointers that are not given are added; what came back through
them is logged, because a trace shows pointers only. Text is WebAssembly as it is.

::

    plugin({
        "request_headers": [("proxy_get_header_map_value", 0, b"host"), ANSWER],
        "request_body#2": [...],   # its second run only
    }, returns={"request_body": (1, 0)})
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import wasmtime

from wasmctl.abi.callbacks import CALLBACKS, START_FUNCTIONS
from wasmctl.abi.hostcalls import HOSTCALLS
from wasmctl.abi.signature import Signature
from wasmctl.abi.types import AbiVersion
from wasmctl.abi.wasi import WASI_FUNCTIONS

Statement = str | tuple[str | int | bytes, ...]
Callbacks = Mapping[str, Sequence[Statement]]
Returns = Mapping[str, int | tuple[int, ...]]

# Where return pointers point: words from here on, filled with a mark before each call.
OUT = 16
_WORDS = 4
_TEXT = 96
_COUNTERS = 512
_HEX = 65536  # where bytes that are no text are written out, up to 32 KiB of them
_DATA = 1024
HEAP = 131072
# One page more than memory: no address from here on exists.
OUTSIDE = 8 * 65536


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a plugin was made of, if that was callbacks alone."""

    callbacks: Callbacks
    returns: Returns


# By module, for those who make the same in another language.
SOURCES: dict[bytes, Source] = {}

ALLOCATOR = f"""
  (global $heap (mut i32) (i32.const {HEAP}))
  (func (export "malloc") (param i32) (result i32)
    (global.get $heap)
    (global.set $heap (i32.add (global.get $heap) (local.get 0))))
"""
MEMORY = '(memory (export "memory") 8)'

HTTP_CALLBACKS = (
    *("context_create", "vm_start", "configure"),
    *("request_headers", "request_body", "request_trailers"),
    *("response_headers", "response_body", "response_trailers"),
    *("log", "done", "delete"),
)
_TRUE = {"vm_start", "configure", "done"}

# Hostcalls that return bytes: the pointer is in this word, the length in the next.
_BYTES_AT = {
    "proxy_get_status": 1,
    **dict.fromkeys(
        (
            *("proxy_get_property", "proxy_get_shared_data", "proxy_dequeue_shared_queue"),
            *("proxy_get_header_map_value", "proxy_get_header_map_pairs"),
            *("proxy_get_buffer_bytes", "proxy_get_configuration"),
            "proxy_call_foreign_function",
        ),
        0,
    ),
}
# What differs from run to run.
_SILENT = {"proxy_get_current_time_nanoseconds", "clock_time_get", "random_get"}

# Logs the words at OUT in hexadecimal, where a call wrote to them; then the bytes they
# name: as they are if that is ASCII, else in hexadecimal.
_TOOLS = f"""
  (func $mark
    (i64.store (i32.const {OUT}) (i64.const 0xEEEEEEEEEEEEEEEE))
    (i64.store (i32.const {OUT + 8}) (i64.const 0xEEEEEEEEEEEEEEEE)))
  (func $digit (param $value i32) (result i32)
    (local.set $value (i32.and (local.get $value) (i32.const 15)))
    (i32.add (local.get $value)
      (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $value) (i32.const 10)))))
  (func $hex (param $at i32) (param $value i32) (local $i i32)
    (loop $next
      (i32.store8 (i32.add (local.get $at) (local.get $i))
        (call $digit (i32.rotl (local.get $value)
          (i32.mul (i32.const 4) (i32.add (local.get $i) (i32.const 1))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 8)))))
  (func $words (param $count i32) (local $i i32)
    (loop $next
      (call $hex (i32.add (i32.const {_TEXT}) (i32.mul (local.get $i) (i32.const 9)))
        (i32.load (i32.add (i32.const {OUT}) (i32.mul (local.get $i) (i32.const 4)))))
      (i32.store8 (i32.add (i32.const {_TEXT + 8}) (i32.mul (local.get $i) (i32.const 9)))
        (i32.const 32))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $count))))
    (drop (call $proxy_log (i32.const 2) (i32.const {_TEXT})
      (i32.sub (i32.mul (local.get $count) (i32.const 9)) (i32.const 1)))))
  (func $is_text (param $at i32) (param $end i32) (result i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (if (i32.ge_u (i32.load8_u (local.get $at)) (i32.const 128)) (then (return (i32.const 0))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (i32.const 1))
  (func $say (param $at i32) (param $size i32) (local $to i32) (local $end i32)
    (local.set $end (i32.add (local.get $at) (local.get $size)))
    (if (call $is_text (local.get $at) (local.get $end))
      (then (drop (call $proxy_log (i32.const 2) (local.get $at) (local.get $size))) (return)))
    (local.set $to (i32.const {_HEX}))
    (loop $next
      (i32.store8 (local.get $to)
        (call $digit (i32.shr_u (i32.load8_u (local.get $at)) (i32.const 4))))
      (i32.store8 (i32.add (local.get $to) (i32.const 1))
        (call $digit (i32.load8_u (local.get $at))))
      (local.set $to (i32.add (local.get $to) (i32.const 2)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (drop (call $proxy_log (i32.const 2) (i32.const {_HEX})
      (i32.sub (local.get $to) (i32.const {_HEX})))))
  (func $content (param $at i32)
    (if (i32.and
        (i32.ne (i32.load (local.get $at)) (i32.const 0xEEEEEEEE))
        (i32.ne (i32.load (i32.add (local.get $at) (i32.const 4))) (i32.const 0)))
      (then (call $say (i32.load (local.get $at))
        (i32.load (i32.add (local.get $at) (i32.const 4)))))))
"""


def plugin(
    callbacks: Callbacks | None = None,
    *,
    returns: Returns | None = None,
    abi: AbiVersion = AbiVersion.V0_2_1,
    imports: str = "",
    extra: str = "",
    allocator: str = ALLOCATOR,
    memory: str = MEMORY,
    without: Sequence[str] = (),
    marker: str | None = None,
) -> bytes:
    """Return a plugin as a module.

    Args:
        callbacks: what is done in each, named without ``proxy_on_``.
        returns: what each returns, every time or at its first, second … run (then the last again).
        abi: the version that it is made for.
        imports: more imports, as text.
        extra: more of the module, as text.
        allocator: the text of what gives memory.
        memory: the text of the memory.
        without: callbacks that are not exported.
        marker: the export that names the version, where it is to be another one.

    """
    maker = _Maker(callbacks or {}, returns or {}, abi)
    names = dict.fromkeys((*HTTP_CALLBACKS, *(key.partition("#")[0] for key in callbacks or {})))
    functions = [maker.function(name) for name in names if name not in without]
    text = "\n".join((*functions, extra, allocator, _TOOLS))
    made = module(f"""{_imports(text, abi)} {imports} {memory}
        (data (i32.const {_DATA}) "{maker.data}")
        (func (export "{marker or abi.marker}")) {text}""")
    is_plain = (abi, allocator, memory) == (AbiVersion.V0_2_1, ALLOCATOR, MEMORY)
    if is_plain and not (imports or extra or without or marker):
        SOURCES[made] = Source(callbacks=callbacks or {}, returns=returns or {})
    return made


def module(text: str) -> bytes:
    """Return a module from its text."""
    return bytes(wasmtime.wat2wasm(f"(module {text})"))


class _Maker:
    def __init__(self, callbacks: Callbacks, returns: Returns, abi: AbiVersion) -> None:
        self._callbacks = callbacks
        self._returns = returns
        self._abi = abi
        self._content = b""
        self._counters = 0

    @property
    def data(self) -> str:
        return "".join(f"\\{byte:02x}" for byte in self._content)

    def function(self, short: str) -> str:
        is_whole = short in START_FUNCTIONS or short.startswith(("proxy_", "envoy_"))
        name = short if is_whole else f"proxy_on_{short}"
        signature = (CALLBACKS[self._abi] | START_FUNCTIONS)[name]
        self._counters += 1
        counter = f"(i32.const {_COUNTERS + 4 * self._counters})"
        count = f"(i32.store {counter} (i32.add (i32.load {counter}) (i32.const 1)))"
        body = " ".join((count, *self._bodies(short, counter)))
        end = self._result(short, counter) if signature.results else ""
        return f'(func (export "{name}") {_types(signature)} {body} {end})'

    def _bodies(self, short: str, counter: str) -> list[str]:
        found = []
        for key, statements in self._callbacks.items():
            name, _, number = key.partition("#")
            text = " ".join(self._statement(each) for each in statements)
            if name == short and number:
                run = f"(i32.eq (i32.load {counter}) (i32.const {number}))"
                found.append(f"(if {run} (then {text}))")
            elif name == short:
                found.append(text)
        return found

    def _result(self, short: str, counter: str) -> str:
        wanted = self._returns.get(short, int(short in _TRUE))
        *first, last = wanted if isinstance(wanted, tuple) else (wanted,)
        text = f"(i32.const {last})"
        for number, value in reversed(list(enumerate(first, 1))):
            run = f"(i32.eq (i32.load {counter}) (i32.const {number}))"
            text = f"(select (i32.const {value}) {text} {run})"
        return text

    def _statement(self, statement: Statement) -> str:
        if isinstance(statement, str):
            return statement
        name, *arguments = statement
        assert isinstance(name, str)
        kinds = signatures(self._abi)[name].parameters
        values = self._values(arguments)
        out = len(kinds) - len(values)
        values += [str(OUT + 4 * number) for number in range(out)]
        pushed = " ".join(
            value if value.startswith("(") else f"({kind}.const {value})"
            for kind, value in zip(kinds, values, strict=True)
        )
        call = f"(call ${name} {pushed})"
        call = f"(drop {call})" if signatures(self._abi)[name].results else call
        return f"(call $mark) {call} {_shown(name, out)}" if out else call

    def _values(self, arguments: Sequence[str | int | bytes]) -> list[str]:
        values: list[str] = []
        for argument in arguments:
            if isinstance(argument, bytes):
                values += [str(_DATA + len(self._content)), str(len(argument))]
                self._content += argument
            else:
                values.append(str(argument))
        return values


def _shown(name: str, out: int) -> str:
    if name in _SILENT:
        return ""
    words = f"(call $words (i32.const {min(out, _WORDS)}))"
    if name not in _BYTES_AT:
        # A number of 64 bits has one pointer and two words.
        return f"(call $words (i32.const {max(2, min(out, _WORDS))}))"
    return f"{words} (call $content (i32.const {OUT + 4 * _BYTES_AT[name]}))"


def signatures(abi: AbiVersion) -> dict[str, Signature]:
    """Return all functions that a plugin may be made to call."""
    return (
        HOSTCALLS[AbiVersion.V0_1_0]
        | HOSTCALLS[AbiVersion.V0_2_1]
        | HOSTCALLS[abi]
        | WASI_FUNCTIONS
    )


def _imports(text: str, abi: AbiVersion) -> str:
    known = signatures(abi)
    names = [name for name in dict.fromkeys(re.findall(r"call \$(\w+)", text)) if name in known]
    return "\n".join(
        f'(import "{"wasi_snapshot_preview1" if name in WASI_FUNCTIONS else "env"}" "{name}"'
        f" (func ${name} {_types(known[name])}))"
        for name in names
    )


def _types(signature: Signature) -> str:
    parameters = " ".join(f"(param {kind})" for kind in signature.parameters)
    results = " ".join(f"(result {kind})" for kind in signature.results)
    return f"{parameters} {results}"
