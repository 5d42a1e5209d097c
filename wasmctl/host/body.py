"""The bytes behind a buffer hostcall: a chunk or a whole body that a plugin may rewrite."""

from dataclasses import dataclass


class SpliceError(Exception):
    """A change in the middle, which Envoy does not support."""


@dataclass
class Body:
    """Bytes that change in place; ``writable`` is False for configurations."""

    content: bytes
    writable: bool = True

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``; beyond the end there are none."""
        return self.content[start : start + size]

    def splice(self, start: int, size: int, content: bytes) -> None:
        """Replace the first ``size`` bytes, or append where ``start`` is at or past the end.

        Source: Envoy ``Buffer::copyFrom`` in source/extensions/common/wasm/context.cc.
        """
        if start == 0:
            self.content = content + self.content[size:]
        elif start >= len(self.content):
            self.content += content
        else:
            raise SpliceError
