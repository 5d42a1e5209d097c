"""Folders that are gone when a step of a build is over."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from wasmctl import files


@contextlib.contextmanager
def folder(beside: Path) -> Iterator[Path]:
    """Give a folder that is gone afterwards, whatever a compiler leaves in it."""
    try:
        made = tempfile.TemporaryDirectory(dir=beside, prefix=".build-")
    except OSError as error:
        raise files.refusal(error, "write in", beside) from error
    with made as path:
        yield Path(path)
