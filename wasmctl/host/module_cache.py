"""Compiled modules kept in a folder, so that a second start need not compile.

A compiled module is machine code: an entry is trusted only if this user wrote it and nobody else
could have, and only if its checksum, kept in its last bytes, is right. Anything else is as if it
were not there, and is written anew.

An entry whose checksum was right gets a time of its last change with a fraction of a second that
the checksum tells. Whoever writes to it changes that time: while it stands, the checksum need not
be computed again, which takes longer than everything else about a large module.
"""

import contextlib
import mmap
import os
import stat
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from wasmctl import files
from wasmctl.errors import FilesError

_TRAILER = struct.Struct("<8sQI")
_MARK = b"wasmctl1"
_SECOND = 1_000_000_000
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True)
class ModuleCache:
    """The folder, which is this user's own."""

    folder: Path

    @classmethod
    def open(cls, cache: Path) -> "ModuleCache | None":
        """Open our part of a cache folder, or return None where others could write to it."""
        folder = cache / "compiled"
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_ours(folder.lstat(), stat.S_IFDIR):
                return cls(folder)
        return None

    def find(self, key: str) -> Path | None:
        """Return the path of a sound entry."""
        path = self._path(key)
        try:
            with path.open("rb") as file:
                number = file.fileno()
                status = os.fstat(number)
                if not _is_ours(status, stat.S_IFREG):
                    return None
                return path if _is_unchanged(number, status) or _is_sound(number, status) else None
        except OSError:
            return None

    def keep(self, key: str, content: bytes) -> None:
        """Add an entry; a full or read-only disk is no reason to fail."""
        with contextlib.suppress(FilesError):
            files.write(self._path(key), content + _trailer(content), mode=0o600)
            self.find(key)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.cwasm"


def _is_ours(status: os.stat_result, kind: int) -> bool:
    return (
        stat.S_IFMT(status.st_mode) == kind
        and status.st_uid == os.getuid()
        and not status.st_mode & _OTHERS_WRITE
    )


def _is_unchanged(file: int, status: os.stat_result) -> bool:
    """Whether nobody wrote to an entry since its checksum was right."""
    size = status.st_size - _TRAILER.size
    if size < 0:
        return False
    mark, length, checksum = _TRAILER.unpack(os.pread(file, _TRAILER.size, size))
    is_ours = (mark, length) == (_MARK, size)
    return is_ours and status.st_mtime_ns % _SECOND == checksum % _SECOND


def _is_sound(file: int, status: os.stat_result) -> bool:
    """Whether the trailer is right; the engine does not mind that it is there."""
    size = status.st_size - _TRAILER.size
    if size < 0:
        return False
    # Mapped, not read: a large module would be copied only to be looked at once.
    with (
        mmap.mmap(file, 0, access=mmap.ACCESS_READ) as content,
        memoryview(content) as view,
        view[:size] as machine_code,
    ):
        trailer = _trailer(machine_code)
        is_sound = content[size:] == trailer
    if is_sound:
        changed = status.st_mtime_ns // _SECOND * _SECOND + _TRAILER.unpack(trailer)[2] % _SECOND
        with contextlib.suppress(OSError):  # on a read-only disk, it is checked each time
            os.utime(file, ns=(status.st_atime_ns, changed))
    return is_sound


def _trailer(content: bytes | memoryview) -> bytes:
    return _TRAILER.pack(_MARK, len(content), zlib.crc32(content))
