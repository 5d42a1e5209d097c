"""Why a hostcall refused: a sentence that names the argument and its value.

Hostcalls say themselves what rule was broken (`HostcallError`); the refusals that come before
them, of enumerations and of memory (marshalling.py), are explained here, from the same numbers.
"""

from collections.abc import Iterator
from enum import IntEnum

from wasmctl.host.hostcall import Hostcall, Octets, return_pointers, value_types
from wasmctl.host.memory import Memory


def explain(declared: Hostcall, numbers: tuple[int, ...], memory: Memory, reason: str) -> str:
    """Return the reason that the hostcall gave, or find the one for which it was not reached."""
    if reason:
        return " ".join(reason.split())  # some are of several lines, as a parser's are
    found = (*bad_members(declared, numbers), *_bad_pointers(declared, numbers, memory))
    return found[0] if found else "the plugin's allocator returned no memory for the result"


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
    pointers = sum(return_pointers(kind) for kind in declared.results)
    for pointer in numbers[len(numbers) - pointers :] if pointers else ():
        if pointer + 4 > size:
            yield f"the return pointer {pointer} lies beyond the memory of {size} bytes"


def _placed(declared: Hostcall) -> Iterator[tuple[str, object, int]]:
    """Yield each parameter with the place of its first number."""
    at = 0
    for name, kind in declared.parameters:
        yield name.strip("_"), kind, at
        at += len(value_types(kind))
