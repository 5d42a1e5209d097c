"""A guest's linear memory, as hostcalls may read and write it.

Everything is a view on the guest's own bytes that ends where its memory ends, so even a mistake
in a check could not reach the host's memory. The engine promises that a memory never moves
(engine.py), but a guest may grow it at any time: whoever finds an address beyond `size` calls
`measure` before refusing it. The comparison stands in each method: a call of its own costs more
than the rest of the check.
"""

import ctypes
import struct
from collections.abc import Callable
from typing import Protocol, cast

_U32 = struct.Struct("<I")
_put_u32 = _U32.pack_into
_U64 = struct.Struct("<Q")


class MemoryAccessError(Exception):
    """A pointer and a length that do not lie within the guest's memory."""


class Octets(Protocol):
    """An array of bytes; a slice of it is a copy."""

    def __getitem__(self, part: slice, /) -> bytes: ...


class Memory:
    """Checked reads and writes; ``locate`` tells the memory's address and size in bytes.

    Attributes:
        size: bytes, when last measured; a memory never shrinks.
        content: those bytes; a slice of it copies them out.

    """

    def __init__(self, locate: Callable[[], tuple[int, int]]) -> None:
        self._locate = locate
        self.size = -1
        self.measure()

    def measure(self) -> int:
        """Look again how large the memory is, and return its size."""
        address, size = self._locate()
        if size != self.size:
            self.size = size
            array = (ctypes.c_char * size).from_address(address)
            self.content = cast("Octets", array)
            self._view = memoryview(array).cast("B")
        return self.size

    def read(self, pointer: int, size: int) -> bytes:
        """Return the bytes at ``pointer``."""
        if pointer + size > self.size:
            self._check(pointer + size)
        return self.content[pointer : pointer + size]

    def read_u32(self, pointer: int) -> int:
        """Return the little-endian number at ``pointer``."""
        if pointer + 4 > self.size:
            self._check(pointer + 4)
        return int(_U32.unpack_from(self._view, pointer)[0])

    def write(self, pointer: int, content: bytes) -> None:
        """Put bytes at ``pointer``."""
        end = pointer + len(content)
        if end > self.size:
            self._check(end)
        self._view[pointer:end] = content

    def write_u32(self, pointer: int, value: int) -> None:
        """Put a little-endian number at ``pointer``."""
        if pointer + 4 > self.size:
            self._check(pointer + 4)
        _put_u32(self._view, pointer, value)

    def write_both(self, pointer: int, value: int, second_pointer: int, second: int) -> None:
        """Put two little-endian numbers, in this order."""
        if pointer + 4 > self.size:
            self._check(pointer + 4)
        _put_u32(self._view, pointer, value)
        if second_pointer + 4 > self.size:
            self._check(second_pointer + 4)
        _put_u32(self._view, second_pointer, second)

    def write_u64(self, pointer: int, value: int) -> None:
        """Put a little-endian number at ``pointer``."""
        if pointer + 8 > self.size:
            self._check(pointer + 8)
        _U64.pack_into(self._view, pointer, value)

    def _check(self, end: int) -> None:
        if end > self.measure():
            raise MemoryAccessError(f"{end} is beyond the memory's {self.size} bytes")
