"""From a declared hostcall to the function that the engine calls: source text, compiled once.

Interpreting annotations at each call would cost more than everything else a hostcall does, so
each declaration becomes a function of its own, with the order of checks that Envoy has
(proxy-wasm-cpp-host ``src/exports.cc``): enumerations, then the memory of the inputs, then the
function itself, then its results. For ``proxy_get_header_map_value`` it reads, shortened::

    def hostcall(_environment, _caller, address, _count):
        vm = slot.vm
        try:
            memory = vm.memory
            s0, s1, s2, s3, s4 = read(space, address)
            if s0 >= 8: ...BAD_ARGUMENT
            end = s1 + s2
            if end > memory.size and end > memory.measure(): ...INVALID_MEMORY_ACCESS
            p1 = memory.content[s1:end]
            result = function(vm.context, members_p0[s0], p1)
            vm.give(result, s3, s4)
            u32[address >> 2] = 0
        except BaseException as error: ...a refusal's status, or the end of the guest

``address`` is where the engine put the arguments, one in each 16 bytes; results overwrite the
first. Nothing may be raised out of such a function: the engine would take the process down.
"""

import ctypes
import struct
from collections.abc import Callable, Iterator
from enum import IntEnum
from functools import cache
from textwrap import indent
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from wasmctl.abi.types import Status
from wasmctl.abi.wire import decode_pairs, encode_pairs
from wasmctl.host.hostcall import (
    Convention,
    Hostcall,
    HostcallError,
    Kind,
    Number,
    Octets,
    return_pointers,
    value_types,
)
from wasmctl.host.memory import MemoryAccessError

if TYPE_CHECKING:
    from wasmctl.host.vm import Vm

RawFunction = Callable[[object, object, int, int], int | None]

# The whole address space, as bytes and as numbers: all arguments are read by one operation, and
# what is returned is written by another. The addresses come from the engine and from nowhere else.
_SIZE = 1 << 47
SPACE: Any = (ctypes.c_char * _SIZE).from_address(0)
U32: Any = (ctypes.c_uint32 * (_SIZE // 4)).from_address(0)

# Of a slot, which has 16 bytes.
_CODES = {Number.U32: "I12x", Number.I32: "i12x", Number.U64: "Q8x", Number.I64: "q8x"}

_WASI_FAULT = 21  # errno "fault": a bad address
_FAULTS = {
    Convention.STATUS: int(Status.INVALID_MEMORY_ACCESS),
    Convention.ERRNO: _WASI_FAULT,
    Convention.VALUE: 0,
}

_NOT_MADE_YET = """\
def hostcall(environment, caller, address, count):
    try:
        return make()(environment, caller, address, count)
    except BaseException as error:
        return slot.vm.stop(error)
"""


def raw_function(declared: Hostcall, slot: object) -> RawFunction:
    """Return the function the engine calls; ``slot.vm`` is the VM that runs at that moment.

    Its text is written and compiled when it is first called: a module imports many functions that
    it never calls, and compiling them all would take longer than all else about its start.
    """

    def make() -> RawFunction:
        names.update(_names(declared))
        exec(_code(source(declared)), names)  # noqa: S102 - our own text
        raw.__code__ = names["hostcall"].__code__
        return raw

    names: dict[str, Any] = {"slot": slot, "make": make}
    exec(_code(_NOT_MADE_YET), names)  # noqa: S102 - our own text
    raw: FunctionType = names["hostcall"]
    return raw


def _names(declared: Hostcall) -> dict[str, Any]:
    """Return what a function's text speaks of."""
    names: dict[str, Any] = {
        "space": SPACE,
        "u32": U32,
        "read": struct.Struct(_layout(declared)).unpack_from,
        "name": declared.name,
        "function": declared.function,
        "decode_pairs": decode_pairs,
        "encode_pairs": encode_pairs,
        "failed": _failed,
    }
    for index, (_, kind) in enumerate(declared.parameters):
        if isinstance(kind, type):
            names[f"members_p{index}"] = tuple(kind)
    return names


@cache
def _code(text: str) -> CodeType:
    """Compile a text, which has no names of its declaration: those of one shape share it."""
    return compile(text, "<hostcall>", "exec")


def source(declared: Hostcall) -> str:
    """Write the function's text."""
    fault = _FAULTS[declared.convention]
    body = "\n".join(_body(declared, fault))
    return f"""\
def hostcall(_environment, _caller, address, _count):
    vm = slot.vm
    try:
        if vm.allowed is not None:
            vm.check_allowed(name)
        memory = vm.memory
{indent(body, " " * 8)}
    except BaseException as error:
        return failed(vm, name, error, {fault}, address)
"""


def _failed(vm: "Vm", name: str, error: BaseException, fault: int, address: int) -> int | None:
    """Return what a hostcall that raised something returns: a status, or the guest's end."""
    if isinstance(error, HostcallError):
        U32[address >> 2] = vm.refused(name, error)
    elif isinstance(error, MemoryAccessError):
        vm.recorder.fault = str(error)
        U32[address >> 2] = fault
    else:
        return vm.stop(error)
    return None


def _layout(declared: Hostcall) -> str:
    """Write the format of the slots: of parameters, then of return pointers."""
    codes = []
    for _, kind in declared.parameters:
        codes += [_CODES[kind]] if isinstance(kind, Number) else ["I12x"] * len(value_types(kind))
    if declared.convention is not Convention.VALUE:
        codes += ["I12x"] * sum(return_pointers(kind) for kind in declared.results)
    return "<" + "".join(codes)


def _body(declared: Hostcall, fault: int) -> Iterator[str]:
    """Enumerations are checked before memory: a bad map type with a bad pointer is the former."""
    scalars: list[str] = []
    octets: list[str] = []
    slot = 0
    arguments = ["vm.context"]
    for index, (_, kind) in enumerate(declared.parameters):
        name = f"p{index}"
        arguments.append(name)
        if isinstance(kind, Octets):
            octets += _octets(name, kind, slot, fault)
        else:
            scalars += _scalar(name, kind, slot)
        slot += len(value_types(kind))
    results = list(_results(declared, slot))
    slots = "".join(f"s{index}, " for index in range(_layout(declared).count("x")))
    if slots:
        yield f"{slots}= read(space, address)"
    yield from scalars
    yield from octets
    yield f"result = function({', '.join(arguments)})"
    yield from results


def _scalar(name: str, kind: Number | type[IntEnum], slot: int) -> Iterator[str]:
    if isinstance(kind, Number):
        yield f"{name} = s{slot}"
        return
    yield f"if s{slot} >= {len(kind)}:"
    yield f"    u32[address >> 2] = {int(Status.BAD_ARGUMENT)}"
    yield "    return None"
    yield f"{name} = members_{name}[s{slot}]"


def _octets(name: str, kind: Octets, slot: int, fault: int) -> Iterator[str]:
    yield f"end = s{slot} + s{slot + 1}"
    yield "if end > memory.size and end > memory.measure():"
    yield f"    u32[address >> 2] = {fault}"
    yield "    return None"
    read = f"memory.content[s{slot}:end]"
    yield f"{name} = decode_pairs({read})" if kind is Octets.PAIRS else f"{name} = {read}"


def _results(declared: Hostcall, slot: int) -> Iterator[str]:
    if declared.convention is Convention.VALUE:
        if declared.results:
            yield "u32[address >> 2] = result"
        return
    several = len(declared.results) > 1
    for index, kind in enumerate(declared.results):
        value = f"result[{index}]" if several else "result"
        pointers = [f"s{slot + at}" for at in range(return_pointers(kind))]
        yield _written(kind, value, ", ".join(pointers))
        slot += len(pointers)
    yield "u32[address >> 2] = 0"


def _written(kind: Kind, value: str, pointers: str) -> str:
    match kind:
        case Octets.PAIRS:
            return f"vm.give(encode_pairs({value}) if {value} else b'', {pointers})"
        case Octets.BYTES:
            return f"vm.give({value}, {pointers})"
        case Number.U64 | Number.I64:
            return f"memory.write_u64({pointers}, {value})"
        case _:
            return f"memory.write_u32({pointers}, {value})"
