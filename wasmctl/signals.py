"""Signals that are noted while something must not be interrupted, and delivered afterwards."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType


@contextlib.contextmanager
def noted() -> Iterator[Callable[[], None]]:
    """Note Ctrl-C and SIGTERM, and deliver them once what this yields is called.

    An exception that a handler raises inside Popen would leave the new program to itself.
    """
    arrived: list[int] = []
    handlers = _handlers()
    for number in handlers:
        signal.signal(number, lambda number, _frame: arrived.append(number))

    def deliver() -> None:
        for number in list(handlers):
            signal.signal(number, handlers[number])
            del handlers[number]
        while arrived:
            signal.raise_signal(arrived.pop())

    try:
        yield deliver
    finally:
        deliver()


def _handlers() -> dict[signal.Signals, Callable[[int, FrameType | None], object]]:
    if threading.current_thread() is not threading.main_thread():
        return {}  # handlers run in the main thread, and only it may set them
    found = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    return {number: handler for number, handler in found.items() if callable(handler)}
