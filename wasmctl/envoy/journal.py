"""What an Envoy has written so far, read while it runs.

A thread reads the pipe; the lines are parsed only when somebody asks for them.
"""

import threading
import time
from collections.abc import Callable, Iterable

from wasmctl.envoy import logs


class Journal:
    """The lines of ``output``, from the first on.

    Args:
        output: the lines as they come; they end with the process.
        on_line: called with each line, in the reading thread.
        limit: how many lines to keep at least, the newest; 0: all.

    """

    def __init__(
        self,
        output: Iterable[str],
        *,
        on_line: Callable[[str], None] = lambda _line: None,
        limit: int = 0,
    ) -> None:
        self._lines: list[str] = []
        self._dropped = 0
        self._heard = time.monotonic()
        self._limit = limit
        self._on_line = on_line
        self._first: logs.Entry | None = None
        self._changed = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, args=(output,), daemon=True)
        self._reader.start()

    def _read(self, output: Iterable[str]) -> None:
        for line in output:
            self._first = self._first or logs.entry(line)
            with self._changed:
                self._lines.append(line)
                self._heard = time.monotonic()
                self._drop()
                self._changed.notify_all()
            self._on_line(line)
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _drop(self) -> None:
        if self._limit and len(self._lines) > 2 * self._limit:
            self._dropped += self._limit
            del self._lines[: self._limit]

    @property
    def first_thread(self) -> int:
        """The number of the thread that wrote first; 0 where nothing is written yet."""
        return self._first.thread if self._first else 0

    @property
    def silence(self) -> float:
        """For how many seconds nothing has been written."""
        return time.monotonic() - self._heard

    def last_entry(self) -> logs.Entry | None:
        """Return the last line as a message, None where it is none."""
        lines = self._lines[-1:]
        return logs.entry(lines[0]) if lines else None

    @property
    def length(self) -> int:
        """How many lines there have been: a place for ``entries``."""
        return self._dropped + len(self._lines)

    def entries(self, since: int = 0) -> tuple[logs.Entry, ...]:
        """Return the messages from a place on, as far as they are kept."""
        with self._changed:
            lines = self._since(since)
        found = (logs.entry(line) for line in lines)
        return tuple(entry for entry in found if entry)

    def _since(self, place: int) -> list[str]:
        return self._lines[max(place - self._dropped, 0) :]

    def tail(self, count: int) -> tuple[str, ...]:
        """Return the last lines, as they are."""
        return tuple(line.rstrip("\n") for line in self._lines[-count:])

    def wait_for(self, text: str, *, since: int, patience: float) -> bool:
        """Wait until a line holds ``text``; False where it does not come, or the output ends."""
        deadline = time.monotonic() + patience
        with self._changed:
            while not any(text in line for line in self._since(since)):
                since = self.length
                left = deadline - time.monotonic()
                if self._ended or left <= 0:
                    return False
                self._changed.wait(left)
        return True

    def join(self) -> None:
        """Wait until everything has been read; the process has ended before."""
        self._reader.join()
