"""Unix sockets in folders whose path may be longer than the system allows for a socket.

The limit is 107 bytes (unix(7)); a folder that is open has a short name.
"""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path


def listening(path: Path) -> socket.socket:
    """Return a socket that listens at ``path`` to everybody who may enter the folder."""
    with _short(path) as name, contextlib.ExitStack() as failing:
        opened = failing.enter_context(socket.socket(socket.AF_UNIX))
        opened.bind(name)
        Path(name).chmod(0o777)
        opened.listen()
        failing.pop_all()
        return opened


def connected(path: Path) -> socket.socket:
    """Return a socket that is connected to the one at ``path``; OSError where nobody listens."""
    with _short(path) as name, contextlib.ExitStack() as failing:
        opened = failing.enter_context(socket.socket(socket.AF_UNIX))
        opened.connect(name)
        failing.pop_all()
        return opened


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
