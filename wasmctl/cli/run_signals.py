"""Signals that end a run, even where what their handlers raise is swallowed.

Python drops exceptions that are raised in its own callbacks: finalisers, weak references, hooks
around a fork. A signal that meets one of these would be lost; so each is also noted.
"""

import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType


@contextlib.contextmanager
def noted_signals() -> Iterator[Callable[[], None]]:
    """Note SIGINT and SIGTERM beside what their handlers do, while the block runs.

    Yields a function that does again what the handler of a noted signal did.
    """
    noted: list[int] = []
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    usual = {number: found for number, found in handlers.items() if callable(found)}

    def note(number: int, frame: FrameType | None) -> None:
        noted.append(number)
        usual[signal.Signals(number)](number, frame)

    def check() -> None:
        if noted:
            number = noted.pop()
            usual[signal.Signals(number)](number, None)

    for number in usual:
        signal.signal(number, note)
    try:
        yield check
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
