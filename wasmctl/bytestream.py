"""Bytes read in order, with WebAssembly's number and name encodings, never past their end.

Source: WebAssembly core specification, "Binary Format", "Values" (5.2): LEB128 integers, vectors
that begin with their count, names in UTF-8.
"""


class MalformedError(Exception):
    """The bytes are not what the format says; the message names the place."""


class ByteStream:
    """A reading position in ``content``, from ``start`` to ``end``."""

    def __init__(self, content: bytes, start: int = 0, end: int | None = None) -> None:
        self._content = content
        self._end = len(content) if end is None else end
        self.position = start
        self.length = self._end - start

    @property
    def at_end(self) -> bool:
        """Whether everything has been read."""
        return self.position >= self._end

    def byte(self) -> int:
        """Read one byte."""
        if self.at_end:
            raise MalformedError(f"it ends early, at byte {self.position}")
        self.position += 1
        return self._content[self.position - 1]

    def u32(self) -> int:
        """Read an unsigned LEB128 number of at most 32 bits."""
        return self._number(32)

    def long(self) -> int:
        """Read one of at most 64 bits."""
        return self._number(64)

    def _number(self, bits: int) -> int:
        most, number = -(-bits // 7), 0
        for index in range(most):
            part = self.byte()
            number |= (part & 0x7F) << (7 * index)
            if part < 0x80:  # noqa: PLR2004 - the continuation bit
                return self._checked(number, bits)
        raise MalformedError(f"the number at byte {self.position} has over {most} bytes")

    def _checked(self, number: int, bits: int) -> int:
        if number >> bits:
            raise MalformedError(f"the number at byte {self.position} has over {bits} bits")
        return number

    def count(self) -> int:
        """Read the length of a vector, which cannot exceed the bytes that are left."""
        count = self.u32()
        if count > self._end - self.position:
            raise MalformedError(f"a list of {count} entries at byte {self.position} is too long")
        return count

    def part(self, size: int) -> "ByteStream":
        """Take the next ``size`` bytes as a stream of their own."""
        start = self.position
        if size > self._end - start:
            raise MalformedError(f"{size} bytes are promised at byte {start}, fewer are there")
        self.position += size
        return ByteStream(self._content, start, start + size)

    def text(self) -> str:
        """Read a name."""
        part = self.part(self.u32())
        return self._content[part.position : part.position + part.length].decode()

    def limits(self) -> int:
        """Read the limits of a table or memory, maybe with a maximum; return the minimum."""
        flags = self.byte()
        minimum = self.long()
        if flags & 1:
            self.long()
        return minimum
