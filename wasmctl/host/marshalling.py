"""From a declared hostcall to the function that the engine calls: source text, compiled once.

Interpreting annotations at each call would cost more than everything else a hostcall does, so
each declaration becomes a function of its own, with the order of checks that Envoy has
(proxy-wasm-cpp-host ``src/exports.cc``): enumerations, then the memory of the inputs, then the
function itself, then its results. For ``proxy_get_header_map_value`` it reads, shortened::

    def proxy_get_header_map_value(_environment, _caller, address, _count):
        vm = slot.vm
        first = address >> 2
        try:
            memory = vm.memory
            p_map_type = u32[first]
            if p_map_type >= 8: ...BAD_ARGUMENT
            start = u32[first + 4]
            end = start + u32[first + 8]
            if end > memory.size and end > memory.measure(): ...INVALID_MEMORY_ACCESS
            p_key = memory.content[start:end]
            result = function(vm.context, members_p_map_type[p_map_type], p_key)
            vm.give(result, u32[first + 12], u32[first + 16])
            u32[first] = 0
        except HostcallError as refusal: ...its status
        except BaseException as error:
            return vm.stop(error)

``address`` is where the engine put the arguments, one in each 16 bytes; results overwrite the
first. Nothing may be raised out of such a function: the engine would take the process down.
"""

import ctypes
from collections.abc import Callable, Iterator
from enum import IntEnum
from functools import cache
from textwrap import indent
from types import CodeType
from typing import Any

from wasmctl.abi.types import Status, WasmType
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

RawFunction = Callable[[object, object, int, int], int | None]

# The whole address space as arrays of numbers: reading an argument is one index operation. The
# addresses come from the engine and from nowhere else.
_SPACE = 1 << 47
NUMBERS: dict[Number, Any] = {
    Number.U32: (ctypes.c_uint32 * (_SPACE // 4)).from_address(0),
    Number.I32: (ctypes.c_int32 * (_SPACE // 4)).from_address(0),
    Number.U64: (ctypes.c_uint64 * (_SPACE // 8)).from_address(0),
    Number.I64: (ctypes.c_int64 * (_SPACE // 8)).from_address(0),
}

_WASI_FAULT = 21  # errno "fault": a bad address
_FAULTS = {
    Convention.STATUS: int(Status.INVALID_MEMORY_ACCESS),
    Convention.ERRNO: _WASI_FAULT,
    Convention.VALUE: 0,
}


def raw_function(declared: Hostcall, slot: object) -> RawFunction:
    """Return the function the engine calls; ``slot.vm`` is the VM that runs at that moment."""
    names: dict[str, Any] = {number.value: array for number, array in NUMBERS.items()}
    names |= {
        "slot": slot,
        "function": declared.function,
        "decode_pairs": decode_pairs,
        "encode_pairs": encode_pairs,
        "HostcallError": HostcallError,
        "MemoryAccessError": MemoryAccessError,
    }
    for name, kind in declared.parameters:
        if isinstance(kind, type):
            names[f"members_p_{name}"] = tuple(kind)
    exec(_code(declared.name, source(declared)), names)  # noqa: S102 - our own text
    made: RawFunction = names[declared.name]
    return made


@cache
def _code(name: str, text: str) -> CodeType:
    return compile(text, f"<hostcall {name}>", "exec")


def source(declared: Hostcall) -> str:
    """Write the function's text."""
    fault = _FAULTS[declared.convention]
    body = "\n".join(_body(declared, fault))
    return f"""\
def {declared.name}(_environment, _caller, address, _count):
    vm = slot.vm
    first = address >> 2
    try:
        if vm.allowed is not None:
            vm.check_allowed({declared.name!r})
        memory = vm.memory
{indent(body, " " * 8)}
    except HostcallError as refusal:
        u32[first] = vm.refused({declared.name!r}, refusal)
    except MemoryAccessError as error:
        vm.recorder.fault = str(error)
        u32[first] = {fault}
    except BaseException as error:
        return vm.stop(error)
"""


def _body(declared: Hostcall, fault: int) -> Iterator[str]:
    """Enumerations are checked before memory: a bad map type with a bad pointer is the former."""
    scalars: list[str] = []
    octets: list[str] = []
    slot = 0
    arguments = ["vm.context"]
    for parameter, kind in declared.parameters:
        name = f"p_{parameter}"  # so that no parameter is called as one of our own variables
        arguments.append(name)
        if isinstance(kind, Octets):
            octets += _octets(name, kind, slot, fault)
        else:
            scalars += _scalar(name, kind, slot)
        slot += len(value_types(kind))
    yield from scalars
    yield from octets
    yield f"result = function({', '.join(arguments)})"
    yield from _results(declared, slot)


def _scalar(name: str, kind: Number | type[IntEnum], slot: int) -> Iterator[str]:
    if isinstance(kind, Number):
        yield f"{name} = {_number(kind, slot)}"
        return
    yield f"{name} = {_number(Number.U32, slot)}"
    yield f"if {name} >= {len(kind)}:"
    yield f"    u32[first] = {int(Status.BAD_ARGUMENT)}"
    yield "    return None"
    yield f"{name} = members_{name}[{name}]"


def _number(kind: Number, slot: int) -> str:
    """Index a slot: 16 bytes are four numbers of 32 bits, or two of 64."""
    if kind.wasm_type is WasmType.I64:
        return f"{kind.value}[(address >> 3) + {2 * slot}]"
    return f"{kind.value}[first + {4 * slot}]"


def _octets(name: str, kind: Octets, slot: int, fault: int) -> Iterator[str]:
    yield f"start = {_number(Number.U32, slot)}"
    yield f"end = start + {_number(Number.U32, slot + 1)}"
    yield "if end > memory.size and end > memory.measure():"
    yield f"    u32[first] = {fault}"
    yield "    return None"
    read = "memory.content[start:end]"
    yield f"{name} = decode_pairs({read})" if kind is Octets.PAIRS else f"{name} = {read}"


def _results(declared: Hostcall, slot: int) -> Iterator[str]:
    if declared.convention is Convention.VALUE:
        if declared.results:
            yield "u32[first] = result"
        return
    several = len(declared.results) > 1
    for index, kind in enumerate(declared.results):
        value = f"result[{index}]" if several else "result"
        pointers = [_number(Number.U32, slot + at) for at in range(return_pointers(kind))]
        yield _written(kind, value, ", ".join(pointers))
        slot += len(pointers)
    yield "u32[first] = 0"


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
