"""What an Envoy has written so far, read while it runs.

A thread reads the pipe; the lines are parsed only when somebody asks for them.
"""

import threading
import time
from collections.abc import Iterable

from wasmctl.envoy import logs


class Journal:
    """The lines of ``output``, from the first on."""

    def __init__(self, output: Iterable[str]) -> None:
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, args=(output,), daemon=True)
        self._reader.start()

    def _read(self, output: Iterable[str]) -> None:
        for line in output:
            with self._changed:
                self._lines.append(line)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    @property
    def length(self) -> int:
        """How many lines there are: a place for ``entries``."""
        return len(self._lines)

    def entries(self, since: int = 0) -> tuple[logs.Entry, ...]:
        """Return the messages from a place on."""
        found = (logs.entry(line) for line in self._lines[since:])
        return tuple(entry for entry in found if entry)

    def tail(self, count: int) -> tuple[str, ...]:
        """Return the last lines, as they are."""
        return tuple(line.rstrip("\n") for line in self._lines[-count:])

    def wait_for(self, text: str, *, since: int, patience: float) -> bool:
        """Wait until a line holds ``text``; False where it does not come, or the output ends."""
        deadline = time.monotonic() + patience
        with self._changed:
            while not any(text in line for line in self._lines[since:]):
                since = len(self._lines)
                left = deadline - time.monotonic()
                if self._ended or left <= 0:
                    return False
                self._changed.wait(left)
        return True

    def join(self) -> None:
        """Wait until everything has been read; the process has ended before."""
        self._reader.join()
