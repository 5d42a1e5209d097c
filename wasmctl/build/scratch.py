"""Folders that are gone when a step of a build is over."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from wasmctl import files

_PREFIX = ".wasmctl-build-"


@contextlib.contextmanager
def folder(beside: Path) -> Iterator[Path]:
    """Give a folder that is gone afterwards, whatever a compiler leaves in it."""
    try:
        made = tempfile.TemporaryDirectory(dir=beside, prefix=_PREFIX)
    except OSError as error:
        raise files.refusal(error, "write in", beside) from error
    with made as path:
        yield Path(path)


def sweep(beside: Path) -> None:
    """Remove the folders of builds that were killed; for whoever holds the lock of the project."""
    for left in beside.glob(f"{_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
