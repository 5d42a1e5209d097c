"""The bytes behind a buffer hostcall: a frame or a whole body that a plugin may rewrite."""


class SpliceError(Exception):
    """A change in the middle, which Envoy does not support."""


class Body:
    """Bytes that change in place; ``writable`` is False for configurations.

    Frames that are held back are kept as they came, and joined when somebody looks: what a body
    of many frames costs grows with its size alone.

    Attributes:
        size: the number of bytes.

    """

    __slots__ = ("_parts", "size", "writable")

    def __init__(self, content: bytes, *, writable: bool = True) -> None:
        self._parts = [content]
        self.size = len(content)
        self.writable = writable

    @property
    def content(self) -> bytes:
        """The bytes in one piece."""
        if len(self._parts) != 1:
            self._parts = [b"".join(self._parts)]
        return self._parts[0]

    @content.setter
    def content(self, content: bytes) -> None:
        self._parts = [content]
        self.size = len(content)

    def append(self, content: bytes) -> None:
        """Add bytes at the end."""
        self._parts.append(content)
        self.size += len(content)

    def take(self) -> bytes:
        """Return the bytes, and be empty."""
        content = self.content
        self.content = b""
        return content

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``; beyond the end there are none."""
        return self.content[start : start + size]

    def splice(self, start: int, size: int, content: bytes) -> None:
        """Replace the first ``size`` bytes, or append where ``start`` is at or past the end.

        Source: Envoy ``Buffer::copyFrom`` in source/extensions/common/wasm/context.cc.
        """
        if start == 0:
            self.content = content + self.content[size:]
        elif start >= self.size:
            self.append(content)
        else:
            raise SpliceError
