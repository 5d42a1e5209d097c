"""Raw numbers and what they mean: the arguments and results of hostcalls, decoded for people."""

from enum import IntEnum

from wasmctl.abi.types import MetricType, Status
from wasmctl.abi.wire import decode_pairs
from wasmctl.host.hostcall import Convention, Hostcall, Kind, Number, Octets, return_pointers
from wasmctl.host.memory import Memory, MemoryAccessError
from wasmctl.host.trace import Value

# A trace keeps no more of one value, so that a plugin cannot fill the host's memory with it.
MOST_BYTES = 1 << 16
_STATUSES = {int(status): status.name for status in Status}
_ERRNOS = {
    0: "SUCCESS",
    8: "BADF",
    20: "EXIST",
    21: "FAULT",
    28: "INVAL",
    44: "NOENT",
    52: "NOSYS",
    58: "NOTSUP",
    76: "NOTCAPABLE",
}
# Enumerations that a hostcall takes as numbers, because Envoy looks at their range late.
_NAMED: dict[str, type[IntEnum]] = {"metric_type": MetricType}
_WRITERS = ("fd_write", "fd_pwrite")
_IOVEC_BYTES = 8
_MOST_IOVECS = 64


def arguments(
    declared: Hostcall, numbers: tuple[int, ...], memory: Memory
) -> tuple[tuple[str, Value], ...]:
    """Decode what the guest passed, return pointers left out."""
    found: list[tuple[str, Value]] = []
    at = 0
    for name, kind in declared.parameters:
        if isinstance(kind, Octets):
            value = _octets(kind, memory, numbers[at], numbers[at + 1])
            at += 2
        else:
            value = number(_NAMED.get(name, kind), numbers[at])
            at += 1
        found.append((name.strip("_"), value))
    if declared.name in _WRITERS:
        found[1:3] = [("text", _gathered(memory, numbers[1], numbers[2]))]
    return tuple(found)


def results(declared: Hostcall, numbers: tuple[int, ...], memory: Memory) -> tuple[Value, ...]:
    """Decode what was written for the guest."""
    if declared.convention is Convention.VALUE:
        return ()
    at = len(numbers) - sum(return_pointers(kind) for kind in declared.results)
    found: list[Value] = []
    for kind in declared.results:
        found.append(_result(kind, memory, numbers[at : at + 2]))
        at += return_pointers(kind)
    return tuple(found)


def status(declared: Hostcall, returned: int | None) -> str:
    """Name what a hostcall returned."""
    if declared.convention is Convention.VALUE or returned is None:
        return ""
    if declared.convention is Convention.ERRNO:
        return _ERRNOS.get(returned, f"errno {returned}")
    return _STATUSES.get(returned, f"status {returned}")


def number(kind: Number | type[IntEnum], raw: int) -> Value:
    """Give a number its sign, or its name; a number that has none stays one."""
    if not isinstance(kind, Number):
        return kind(raw) if raw < len(kind) else raw
    bits = 32 if kind in {Number.I32, Number.U32} else 64
    is_signed = kind in {Number.I32, Number.I64}
    return raw - (1 << bits) if is_signed and raw >> (bits - 1) else raw


def _result(kind: Kind, memory: Memory, pointers: tuple[int, ...]) -> Value:
    try:
        if isinstance(kind, Octets):
            at, size = memory.read_u32(pointers[0]), memory.read_u32(pointers[1])
            return _octets(kind, memory, at, size)
        if kind in {Number.U64, Number.I64}:
            return int.from_bytes(memory.read(pointers[0], 8), "little")
        return memory.read_u32(pointers[0])
    except MemoryAccessError:
        return None


def _octets(kind: Octets, memory: Memory, pointer: int, size: int) -> Value:
    try:
        memory.read(pointer + size, 0)  # the end lies within memory
        if kind is Octets.PAIRS:
            return decode_pairs(memory.read(pointer, size))
        return memory.read(pointer, min(size, MOST_BYTES))
    except MemoryAccessError:
        return None


def _gathered(memory: Memory, iovecs: int, count: int) -> Value:
    """Join what a list of addresses and sizes points at, as far as it is kept."""
    text = b""
    try:
        for index in range(min(count, _MOST_IOVECS)):
            at = iovecs + index * _IOVEC_BYTES
            size = min(memory.read_u32(at + 4), MOST_BYTES - len(text))
            text += memory.read(memory.read_u32(at), size)
    except MemoryAccessError:
        return None
    return text
