"""Signals that end a command, even where what their handlers raise is swallowed.

Python drops exceptions that are raised in its own callbacks: finalisers, hooks around a fork, the
weak references of every import. A signal that meets one of these would be lost; so each is also
noted, from before the command imports anything, and a command that waits looks at the notes.
"""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

_Handler = Callable[[int, FrameType | None], Any]

_noted: list[tuple[int, _Handler]] = []


@contextlib.contextmanager
def noted() -> Iterator[None]:
    """Note SIGINT and SIGTERM beside what their handlers do, while the block runs."""
    usual = _usual()
    _noted.clear()

    def note(number: int, frame: FrameType | None) -> None:
        handler = usual[signal.Signals(number)]
        _noted.append((number, handler))
        handler(number, frame)

    for number in usual:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)


def _usual() -> dict[signal.Signals, _Handler]:
    if threading.current_thread() is not threading.main_thread():
        return {}  # only the main thread may set handlers
    found = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    return {number: handler for number, handler in found.items() if callable(handler)}


def check() -> None:
    """Do again what the handler of a noted signal did, which is to raise."""
    if _noted:
        number, handler = _noted.pop()
        handler(number, None)
