"""From the engine's traps to `records.Trap`: kinds by its codes, never by its wording."""

import wasmtime
from wasmtime import TrapCode

from wasmctl.records import Trap, TrapKind

_KINDS = {
    TrapCode.UNREACHABLE: TrapKind.UNREACHABLE,
    TrapCode.MEMORY_OUT_OF_BOUNDS: TrapKind.OUT_OF_BOUNDS,
    TrapCode.STACK_OVERFLOW: TrapKind.STACK_OVERFLOW,
    TrapCode.INTEGER_DIVISION_BY_ZERO: TrapKind.DIVIDE_BY_ZERO,
    # In compiled code this is an indirect call through an index that no table entry has.
    TrapCode.TABLE_OUT_OF_BOUNDS: TrapKind.INDIRECT_CALL,
    TrapCode.INDIRECT_CALL_TO_NULL: TrapKind.INDIRECT_CALL,
    TrapCode.BAD_SIGNATURE: TrapKind.INDIRECT_CALL,
    TrapCode.OUT_OF_FUEL: TrapKind.FUEL_LIMIT,
    TrapCode.INTERRUPT: TrapKind.TIME_LIMIT,
    TrapCode.ALLOCATION_TOO_LARGE: TrapKind.MEMORY_LIMIT,
}


class TrapError(Exception):
    """The guest was ended; `trap` says how."""

    def __init__(self, trap: Trap) -> None:
        super().__init__(f"{trap.callback}: {trap.message}")
        self.trap = trap


def describe(error: Exception, callback: str) -> Trap:
    """Say what ended the export that the host had called."""
    if not isinstance(error, wasmtime.Trap):
        return Trap(kind=TrapKind.OTHER, callback=callback, message=_last_line(str(error)))
    code = error.trap_code
    return Trap(
        kind=_KINDS.get(code, TrapKind.OTHER) if code else TrapKind.OTHER,
        callback=callback,
        message=_last_line(error.message),
        backtrace=tuple(_name(frame) for frame in error.frames),
        offsets=tuple(frame.module_offset for frame in error.frames),
    )


def _name(frame: wasmtime.Frame) -> str:
    return frame.func_name or f"function[{frame.func_index}]"


def _last_line(text: str) -> str:
    """The cause stands below the backtrace."""
    return lines(text)[-1] if lines(text) else ""


def lines(text: str) -> tuple[str, ...]:
    """Take the engine's words apart, without its layout."""
    stripped = (line.strip() for line in text.splitlines())
    return tuple(line for line in stripped if line and line != "Caused by:")
