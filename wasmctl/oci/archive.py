"""Tar archives as image layers: read forward in memory, never unpacked to the disk.

What is read may come from anyone: a small layer can hold a huge archive, a header can claim an
absurd size, and a file with holes costs memory that nothing in the layer pays for.
"""

import contextlib
import hashlib
import io
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from wasmctl.errors import ImageRefusedError
from wasmctl.oci.stream import CHUNK, Readable, whole

MODULE_NAME = "plugin.wasm"

# Istio's limit, which it applies to the whole tar stream.
MAX_TAR_SIZE = 256 * 1024 * 1024

_GZIP = zlib.MAX_WBITS + 16  # zlib's way to ask for gzip's header and checksum

_UNREADABLE = (tarfile.TarError, EOFError, OSError, zlib.error, ValueError, RecursionError)


class Archive:
    """An archive that is being read; its digest counts what was read so far."""

    def __init__(self, capped: "_Capped", tar: tarfile.TarFile) -> None:
        self._capped = capped
        self._tar = tar

    def members(self) -> Iterator[tarfile.TarInfo]:
        """Yield the members in order; the content of one is gone when the next is asked for."""
        yield from self._tar

    def file(self, member: tarfile.TarInfo) -> Readable:
        """Return a member's bytes to be read: none where it is no plain file."""
        if not is_plain(member):
            return io.BytesIO()
        check_size(member.size)
        return self._tar.extractfile(member) or io.BytesIO()

    def digest(self) -> str:
        """Read to the end, and return the digest of the whole archive: an image's diff id.

        It is empty where the archive was not opened to be hashed.
        """
        return self._capped.rest()


@contextlib.contextmanager
def opened(stream: Readable, *, is_gzip: bool, is_hashed: bool = False) -> Iterator[Archive]:
    """Read a layer as an archive; ``is_hashed`` says whether its digest will be asked for.

    Raises ImageRefusedError, also from inside the block, where it is none or is too large.
    """
    kind = "tar+gzip" if is_gzip else "tar"
    try:
        capped = _Capped(_Unzipped(stream) if is_gzip else stream, is_hashed=is_hashed)
        # "r|" reads forward only, so no size in a hostile header can make it go back and loop.
        with tarfile.open(fileobj=capped, mode="r|", bufsize=CHUNK) as tar:  # type: ignore[call-overload]
            yield Archive(capped, tar)
    except _UNREADABLE as error:
        raise ImageRefusedError(
            f"the image's layer is not a {kind} archive: {error}",
            hint="the image was made wrongly: push the plugin again",
        ) from error


def is_plain(member: tarfile.TarInfo) -> bool:
    """Whether a member is a file with all its bytes in the archive."""
    return member.isreg() and not member.issparse()


def is_named_module(member: tarfile.TarInfo) -> bool:
    """Whether a member has the file name that gateways look for, in whatever folder."""
    return PurePosixPath(member.name).name == MODULE_NAME


def module_in(archive: Archive) -> bytes | None:
    """Return the first module in an archive, or None."""
    for member in archive.members():
        if is_plain(member) and is_named_module(member):
            return whole(archive.file(member))
    return None


def check_size(size: int) -> None:
    """Raise ImageRefusedError for what has more bytes than gateways read."""
    if size > MAX_TAR_SIZE:
        raise ImageRefusedError(
            f"the image's layer holds more than {MAX_TAR_SIZE:,} bytes",
            hint="gateways refuse it too: push a smaller module",
        )


class _Unzipped:
    """What a gzip stream holds, of all its members; gzip's own reader takes it in small bites."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._inflate = zlib.decompressobj(_GZIP)
        self._waiting = b""

    def read(self, size: int) -> bytes:
        """Read at most ``size`` bytes; raises EOFError where the stream ends early."""
        while True:
            given = self._waiting or self._stream.read(CHUNK)
            part = self._inflate.decompress(given, size)
            self._waiting = self._inflate.unconsumed_tail or self._inflate.unused_data
            if self._inflate.eof and self._waiting:
                self._inflate = zlib.decompressobj(_GZIP)
            if part:
                return part
            if not given:
                return self._end()

    def _end(self) -> bytes:
        if not self._inflate.eof:
            raise EOFError("it ends early")
        return b""


class _Capped:
    """A stream that refuses at MAX_TAR_SIZE, and hashes what it gives.

    It also refuses to be read on after its end, which tarfile would do for years to skip a file
    whose header claims an absurd size.
    """

    def __init__(self, stream: Readable, *, is_hashed: bool) -> None:
        self._stream = stream
        self._hash = hashlib.sha256() if is_hashed else None
        self._read = 0
        self._has_ended = False

    def read(self, size: int) -> bytes:
        """Read at most ``size`` bytes."""
        if self._has_ended:
            raise EOFError("it ends early")
        part = self._stream.read(size)
        self._read += len(part)
        self._has_ended = not part
        if self._hash:
            self._hash.update(part)
        check_size(self._read)
        return part

    def rest(self) -> str:
        """Read to the end, and return the digest of all, or nothing where none is wanted."""
        while not self._has_ended:
            self.read(CHUNK)
        return f"sha256:{self._hash.hexdigest()}" if self._hash else ""
