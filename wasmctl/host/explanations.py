"""Why a hostcall refused: a sentence that names the argument and its value.

Hostcalls say themselves what rule was broken (`HostcallError`); the refusals that come before
them, of enumerations and of memory (marshalling.py), are explained here, from the same numbers.
"""

from collections.abc import Iterator
from enum import IntEnum

from wasmctl.host.hostcall import Hostcall, Number, Octets, return_pointers, value_types
from wasmctl.host.memory import Memory
from wasmctl.host.trace import Recorder


def explain(
    declared: Hostcall, numbers: tuple[int, ...], memory: Memory, recorder: Recorder
) -> str:
    """Return the reason that the hostcall gave, or find the one for which it was not reached."""
    if recorder.explanation:
        return " ".join(recorder.explanation.split())  # some have lines, as a parser's
    found = (*bad_members(declared, numbers), *_bad_pointers(declared, numbers, memory))
    return found[0] if found else recorder.fault


def bad_members(declared: Hostcall, numbers: tuple[int, ...]) -> Iterator[str]:
    """Find the numbers that stand for no member of their enumeration."""
    for name, kind, at in _placed(declared):
        if isinstance(kind, type) and issubclass(kind, IntEnum) and numbers[at] >= len(kind):
            known = f"{kind(0).name} (0) to {kind(len(kind) - 1).name} ({len(kind) - 1})"
            yield f"{name} {numbers[at]} is no {kind.__name__}: there are {known}"


def _bad_pointers(declared: Hostcall, numbers: tuple[int, ...], memory: Memory) -> Iterator[str]:
    size = memory.measure()
    for name, kind, at in _placed(declared):
        if isinstance(kind, Octets) and sum(numbers[at : at + 2]) > size:
            yield (
                f"{name} at {numbers[at]}, {numbers[at + 1]} bytes long, "
                f"ends beyond the memory of {size} bytes"
            )
    for pointer, width in _returned(declared, numbers):
        if pointer + width > size:
            yield f"the return pointer {pointer} lies beyond the memory of {size} bytes"


def _returned(declared: Hostcall, numbers: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Yield each return pointer with the bytes that are written there."""
    at = len(numbers) - sum(map(return_pointers, declared.results))
    for kind in declared.results:
        width = 8 if kind in {Number.U64, Number.I64} else 4
        for _ in range(return_pointers(kind)):
            yield numbers[at], width
            at += 1


def _placed(declared: Hostcall) -> Iterator[tuple[str, object, int]]:
    """Yield each parameter with the place of its first number."""
    at = 0
    for name, kind in declared.parameters:
        yield name.strip("_"), kind, at
        at += len(value_types(kind))
