"""Hostile calls: any function with any numbers, from any callback, on both ways of calling.

One plugin does it all: its configuration is a script of 64-byte records, a function's index and
its arguments.
"""

import struct
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.host.plugins import OUT, Statement, plugin
from wasmctl import messages
from wasmctl.abi.hostcalls import HOSTCALLS
from wasmctl.abi.signature import Signature
from wasmctl.abi.types import AbiVersion, WasmType
from wasmctl.abi.wasi import WASI_FUNCTIONS
from wasmctl.host import Host, Limits
from wasmctl.host.exchange import Exchange
from wasmctl.records import LogLine

FUNCTIONS = HOSTCALLS[AbiVersion.V0_2_1] | WASI_FUNCTIONS
_RECORD = 64
_MEMORY = 8 * 65536
_CALLBACKS = ("request_headers", "request_body", "response_headers", "response_body", "log", "done")
_ARGUMENTS = 12

_NUMBERS = st.one_of(
    st.integers(0, 9),
    st.sampled_from([16, 20, 1024, _MEMORY - 4, _MEMORY, _MEMORY + 1, 2**31 - 1, 2**31]),
    st.sampled_from([2**32 - 1, 2**32 - 8, 65536, 131072]),
    st.integers(0, 2**32 - 1),
)
_RECORDS = st.tuples(
    st.integers(0, len(FUNCTIONS) - 1),
    st.lists(_NUMBERS, min_size=_ARGUMENTS, max_size=_ARGUMENTS),
)
_SCRIPTS = st.lists(_RECORDS, min_size=1, max_size=8)


@cache
def player() -> bytes:
    """The plugin that plays scripts."""
    names = list(FUNCTIONS)
    functions = "\n".join(_function(i, name, FUNCTIONS[name]) for i, name in enumerate(names))
    table = " ".join(f"$f{index}" for index in range(len(names)))
    extra = f"""
      (type $player (func (param i32)))
      (table {len(names)} funcref) (elem (i32.const 0) {table})
      (global $script (mut i32) (i32.const 0)) (global $end (mut i32) (i32.const 0))
      {functions}
      (func $play (local $at i32) (local.set $at (global.get $script))
        (block $done (loop $again
          (br_if $done (i32.ge_u (local.get $at) (global.get $end)))
          (call_indirect (type $player) (i32.add (local.get $at) (i32.const 4))
            (i32.load (local.get $at)))
          (local.set $at (i32.add (local.get $at) (i32.const {_RECORD})))
          (br $again))))"""
    keep = """(global.set $script (i32.load (i32.const 16)))
      (global.set $end (i32.add (i32.load (i32.const 16)) (i32.load (i32.const 20))))"""
    callbacks: dict[str, list[Statement]] = {name: ["(call $play)"] for name in _CALLBACKS}
    callbacks["configure"] = [("proxy_get_buffer_bytes", 7, 0, 65536, *OUT), keep]
    return plugin(callbacks, extra=extra)


def _function(index: int, name: str, signature: Signature) -> str:
    """A function that takes its arguments from memory and makes the call."""
    loads = " ".join(
        f"({kind}.{'load' if kind is WasmType.I32 else 'load32_u'} offset={4 * at} (local.get 0))"
        for at, kind in enumerate(signature.parameters)
    )
    drop = "drop" if signature.results else "block"
    return f"(func $f{index} (param i32) ({drop} (call ${name} {loads})))"


def script(records: list[tuple[int, list[int]]]) -> bytes:
    return b"".join(
        struct.pack(f"<{1 + _ARGUMENTS}I", index, *numbers).ljust(_RECORD, b"\0")
        for index, numbers in records
    )


def played(content: bytes, *, fast_calls: bool) -> tuple[tuple[LogLine, ...], int, Exchange]:
    request = messages.request("/", chunks=(b"a", b"bc"))
    limits = Limits(fuel=10_000_000)
    with Host.start(player(), configuration=content, limits=limits, fast_calls=fast_calls) as host:
        exchange = host.http(request, messages.response(chunks=(b"d",)))
        host.http(request)
    return host.logs, host.fuel, exchange


@settings(deadline=None)
@given(_SCRIPTS)
def test_any_calls_end_in_values_alike_on_both_ways(records: list[tuple[int, list[int]]]) -> None:
    content = script(records)

    assert played(content, fast_calls=True) == played(content, fast_calls=False)
