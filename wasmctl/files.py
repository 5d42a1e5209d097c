"""Files written whole or not at all, and locks that two processes respect.

Every file wasmctl leaves behind is written beside its place and renamed into it, so that a full
disk, a crash or Ctrl-C never leaves half a file, and a reader sees the old bytes or the new ones.
"""

import contextlib
import errno
import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from wasmctl.errors import FilesError

_HINTS = {
    errno.ENOSPC: "free some space on that disk, then run the command again",
    errno.EDQUOT: "free some of your quota, then run the command again",
    errno.EACCES: "choose a folder you may write to, or change its permissions",
    errno.EPERM: "choose a folder you may write to, or change its permissions",
    errno.EROFS: "choose a folder on a disk that is mounted for writing",
    errno.ENOENT: "check the path: no file or folder has that name",
    errno.ENOTDIR: "check the path: a part of it is a file, not a folder",
    errno.EISDIR: "name a file: that path is a folder",
    errno.ENAMETOOLONG: "choose a shorter path",
}


def refusal(error: OSError, doing: str, path: Path) -> FilesError:
    """Turn what the system said of ``path`` into an error that names cause and remedy.

    ``doing`` is a verb phrase: "write", "read", "create".
    """
    reason = os.strerror(error.errno) if error.errno else str(error)
    return FilesError(f"cannot {doing} {path}: {reason}", hint=remedy(error.errno or 0))


def remedy(number: int) -> str:
    """Return what to do where the system refuses with this number of ``errno``."""
    return _HINTS.get(number, "see that the path exists and that you may use it")


def read(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises FilesError where the system refuses.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise refusal(error, "read", path) from error


def write(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Put ``content`` at ``path``: written beside, flushed to the disk, renamed.

    ``mode`` is narrowed by the user's umask. Raises FilesError, and leaves nothing, where the
    system refuses.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_new(beside, content, mode)
        beside.replace(path)
    except OSError as error:
        raise refusal(error, "write", path) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _write_new(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


@contextlib.contextmanager
def locked(path: Path, *, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock at ``path`` while the block runs; other processes wait their turn.

    ``on_wait`` is called once if another process holds the lock.
    The lock belongs to the open file, so the system frees it however the process ends. The empty
    file stays: removing it would let two processes hold two files of one name.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise refusal(error, "lock", path) from error
    try:
        _lock(descriptor, on_wait)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, on_wait: Callable[[], None]) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        on_wait()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
