"""The process that owns a run: whether it still is the one that was recorded, and how to end it."""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

_GRACE_SECONDS = 10.0
_PAUSE_SECONDS = 0.01
# Fields of /proc/PID/stat after the name, which may hold spaces: proc(5), fields 3 and 22.
_STATE, _START = 0, 19


@dataclass(frozen=True, kw_only=True)
class Owner:
    """A process, told from a later one with the same id by the moment it started.

    Attributes:
        started: in the system's clock ticks since it booted.

    """

    pid: int
    started: int

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        fields = _fields(self.pid)
        return fields is not None and int(fields[_START]) == self.started and fields[_STATE] != "Z"

    def stop(self) -> None:
        """End it: politely, so that it cleans up, and by force where it does not go."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.is_alive:
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
            self._wait(_GRACE_SECONDS)

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self.is_alive and time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)


def this_process() -> Owner:
    """Return the process that asks."""
    fields = _fields(os.getpid())
    return Owner(pid=os.getpid(), started=int(fields[_START]) if fields else 0)


def _fields(pid: int) -> list[str] | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
