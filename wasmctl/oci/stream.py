"""A blob as it arrives: counted and hashed on its way to whoever reads it."""

import hashlib
import io
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from wasmctl.errors import ImageRefusedError, WasmctlError
from wasmctl.oci.manifest import Descriptor

CHUNK = 256 * 1024

_Taken = TypeVar("_Taken")


class Readable(Protocol):
    """What can be read forward; fewer bytes than asked for are no end, none are."""

    def read(self, size: int, /) -> bytes:
        """Read at most ``size`` bytes."""


class BlobStream:
    """The bytes that a descriptor names, as ``where`` delivers them: read once, forward."""

    def __init__(self, chunks: Iterable[bytes], expected: Descriptor, where: str) -> None:
        self._chunks = iter(chunks)
        self._expected = expected
        self._where = where
        self._hash = hashlib.sha256()
        self._size = 0
        self._failure: WasmctlError | None = None
        self._rest = memoryview(b"")

    def read(self, size: int) -> bytes:
        """Read at most ``size`` bytes.

        Raises ImageRefusedError where more bytes come than the descriptor says.
        """
        if not self._rest:
            self._rest = memoryview(self._next())
        part, self._rest = self._rest[:size], self._rest[size:]
        return bytes(part)

    def _next(self) -> bytes:
        try:
            chunk = next(self._chunks, b"")
        except WasmctlError as failure:
            self._failure = failure
            raise
        self._hash.update(chunk)
        self._size += len(chunk)
        if self._size > self._expected.size:
            raise ImageRefusedError(
                f"{self._where} sent more than the {self._expected.size:,} bytes expected",
                hint="the stored image is damaged or was changed: do not use it",
            )
        return chunk

    def check(self) -> None:
        """Read to the end; raise ImageRefusedError where the bytes are others than named.

        Where they could not be delivered, that is raised again: it says nothing about them.
        """
        if self._failure:
            raise self._failure
        while self._next():
            pass
        actual = f"sha256:{self._hash.hexdigest()}"
        if (self._size, actual) != (self._expected.size, self._expected.digest):
            raise ImageRefusedError(
                f"{self._where} delivered {self._size} bytes with digest {actual},"
                f" where {self._expected.size} bytes with {self._expected.digest} belong",
                hint="the stored image is damaged or was changed: do not use it, push it again",
            )


def taken(stream: BlobStream, take: Callable[[Readable], _Taken]) -> _Taken:
    """Return what ``take`` makes of a stream, once all of it is known to be what was named."""
    try:
        result = take(stream)
    except WasmctlError:
        stream.check()  # that the bytes are damaged explains whatever was found in them
        raise
    stream.check()
    return result


def whole(stream: Readable) -> bytes:
    """Read all of a stream, with no more than its bytes in memory."""
    content = io.BytesIO()
    while part := stream.read(CHUNK):
        content.write(part)
    return content.getvalue()
