"""Waiting for something to become true, for a bounded time."""

import time
from collections.abc import Callable

from wasmctl.errors import DeadlineError

_PAUSE_SECONDS = 0.0005


def until(done: Callable[[], bool], *, seconds: float, otherwise: str) -> None:
    """Return as soon as ``done`` says so.

    Raises DeadlineError with the message ``otherwise`` where it does not within ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise DeadlineError(
                otherwise, hint="the machine may be too busy: run the command again"
            )
        time.sleep(_PAUSE_SECONDS)
