"""How our containers are marked, and who of their owners has died."""

import os
from collections.abc import Mapping
from pathlib import Path

RUN = "wasmctl.run"
_PID = "wasmctl.pid"
_STARTED = "wasmctl.started"
_SYSTEM = "wasmctl.system"

# The run of the system, and the namespace in which process ids mean what they mean here.
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PROCESSES = Path("/proc/self/ns/pid")


def of_us(run: str) -> dict[str, str]:
    """Return the labels of a container that this process owns."""
    pid = os.getpid()
    return {RUN: run, _PID: str(pid), _STARTED: _started(pid) or "", _SYSTEM: _system()}


def is_orphan(labels: Mapping[str, str]) -> bool:
    """Return whether the owner of a container has died, for certain.

    A process id says something only on the system that gave it, and to processes that count as
    its owner did; and it is given again, so that the time of the start has to be the same.
    """
    pid = labels.get(_PID, "")
    return (
        RUN in labels
        and labels.get(_SYSTEM) == _system()
        and pid.isdecimal()
        and _started(int(pid)) != labels.get(_STARTED)
    )


def _started(pid: int) -> str | None:
    """Return when a process started, in ticks since the system did (proc(5)); None: no such."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, *fields = stat.rpartition(") ")[2].split()
    return None if state in "ZX" else fields[18]


def _system() -> str:
    return f"{_BOOT_ID.read_text().strip()}/{_PROCESSES.stat().st_ino}"
