"""Plugins in the text format, from lists of hostcalls.

Each callback makes its calls one after the other. ``bytes`` among the arguments stand for a
pointer and a length; `OUT` for two return pointers, and `VALUE` logs what came back through them.
A call whose name has a ``?`` before it logs its status, as two digits.
"""

import re
from collections.abc import Mapping, Sequence

import wasmtime

from wasmctl.abi.callbacks import CALLBACKS, START_FUNCTIONS
from wasmctl.abi.hostcalls import HOSTCALLS
from wasmctl.abi.signature import Signature
from wasmctl.abi.types import AbiVersion
from wasmctl.abi.wasi import WASI_FUNCTIONS

Argument = int | bytes
Statement = str | tuple[str | Argument, ...]

OUT = (16, 20)
VALUE = (
    """(drop (call $proxy_log (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20))))"""
)
UNREACHABLE = "(unreachable)"
FOREVER = "(loop $again (br $again))"

_DATA = 1024
_HEAP = 131072
_ALLOCATOR = f"""
  (global $heap (mut i32) (i32.const {_HEAP}))
  (func (export "malloc") (param i32) (result i32)
    (global.get $heap)
    (global.set $heap (i32.add (global.get $heap) (local.get 0))))
"""
_DIGIT = "(i32.store8 (i32.const {at}) (i32.add (i32.const 48) ({op} {status} (i32.const 10))))"
_TELL = f"""
  (func $tell (param $status i32)
    {_DIGIT.format(at=8, op="i32.div_u", status="(local.get $status)")}
    {_DIGIT.format(at=9, op="i32.rem_u", status="(local.get $status)")}
    (drop (call $proxy_log (i32.const 2) (i32.const 8) (i32.const 2))))
"""
_TRUE = {"proxy_on_vm_start", "proxy_on_configure", "proxy_on_done"}


def plugin(
    callbacks: Mapping[str, Sequence[Statement]] | None = None,
    *,
    returns: Mapping[str, int] | None = None,
    abi: AbiVersion = AbiVersion.V0_2_1,
    extra: str = "",
    allocator: str = _ALLOCATOR,
    memory: str = '(memory (export "memory") 8)',
    imports: str = "",
) -> bytes:
    """Return a plugin whose callbacks, named without ``proxy_on_``, make these calls."""
    strings = _Strings()
    functions = [
        _function(name, calls, returns or {}, abi, strings)
        for name, calls in (callbacks or {}).items()
    ]
    text = "\n".join([*functions, extra, allocator, _TELL])
    return bytes(
        wasmtime.wat2wasm(f"""(module {_imports(text, abi)} {imports} {memory}
        (data (i32.const {_DATA}) "{strings.literal}")
        (func (export "{abi.marker}")) {text})""")
    )


class _Strings:
    def __init__(self) -> None:
        self._content = b""

    @property
    def literal(self) -> str:
        return "".join(f"\\{byte:02x}" for byte in self._content)

    def place(self, text: bytes) -> tuple[int, int]:
        at = _DATA + len(self._content)
        self._content += text
        return at, len(text)


def _function(
    short: str,
    statements: Sequence[Statement],
    returns: Mapping[str, int],
    abi: AbiVersion,
    strings: _Strings,
) -> str:
    name = short if short in START_FUNCTIONS else f"proxy_on_{short}"
    signature = (CALLBACKS[abi] | START_FUNCTIONS)[name]
    result = returns.get(short, int(name in _TRUE))
    body = " ".join(_statement(statement, strings) for statement in statements)
    end = f"(i32.const {result})" if signature.results else ""
    return f'(func (export "{name}") {_types(signature)} {body} {end})'


def _statement(statement: Statement, strings: _Strings) -> str:
    if isinstance(statement, str):
        return statement
    name, *arguments = statement
    assert isinstance(name, str)
    values: list[int] = []
    for argument in arguments:
        assert not isinstance(argument, str)
        values += strings.place(argument) if isinstance(argument, bytes) else [argument]
    bare = name.removeprefix("?")
    kinds = _signatures(AbiVersion.V0_2_1)[bare].parameters
    pushed = " ".join(f"({kind}.const {value})" for kind, value in zip(kinds, values, strict=True))
    call = f"(call ${bare} {pushed})"
    return f"(call $tell {call})" if name.startswith("?") else f"(drop {call})"


def _signatures(abi: AbiVersion) -> dict[str, Signature]:
    legacy = HOSTCALLS[AbiVersion.V0_1_0]
    return legacy | HOSTCALLS[abi] | WASI_FUNCTIONS


def _imports(text: str, abi: AbiVersion) -> str:
    names = dict.fromkeys(re.findall(r"call \$(\w+)", text))
    known = _signatures(abi)
    return "\n".join(
        f'(import "{"wasi_snapshot_preview1" if name in WASI_FUNCTIONS else "env"}" "{name}"'
        f" (func ${name} {_types(known[name])}))"
        for name in names
        if name in known
    )


def _types(signature: Signature) -> str:
    parameters = " ".join(f"(param {kind})" for kind in signature.parameters)
    results = " ".join(f"(result {kind})" for kind in signature.results)
    return f"{parameters} {results}"
