"""How long the commands of a build may take."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from wasmctl.errors import DeadlineError


class Deadline:
    """A number of seconds from the first command on; None: no end."""

    def __init__(self, seconds: float | None = None) -> None:
        self._seconds = seconds
        self._moment: float | None = None

    @contextlib.contextmanager
    def ending(self, end: Callable[[], None]) -> Iterator[None]:
        """Have ``end`` called, from another thread, if the block is not over in time.

        Raises DeadlineError where it was; what ``end`` has ended is then over too.
        """
        if self._seconds is None:
            yield
            return
        now = time.monotonic()
        self._moment = self._moment or now + self._seconds
        passed = threading.Event()

        def strike() -> None:
            passed.set()
            end()

        timer = threading.Timer(max(0.0, self._moment - now), strike)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
        if passed.is_set():
            raise DeadlineError(
                f"the build did not end within {self._seconds:g} s, and was stopped",
                hint="give it longer with --timeout, or see what it waits for",
            )
