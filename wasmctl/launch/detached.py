"""A run whose owner is a process of its own, which goes on without us."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wasmctl import files, processes
from wasmctl.errors import DeadlineError
from wasmctl.launch import folder
from wasmctl.launch.folder import Record, RunFolder, State

_PAUSE_SECONDS = 0.005


@dataclass(frozen=True, kw_only=True)
class Ended:
    """An owner that ended before its run was ready: its exit code, and what it said."""

    exit_code: int
    said: str


def started(command: Sequence[str | Path], name: str, *, seconds: float) -> Record | Ended:
    """Start the owner of the run called ``name``; return its record once the run is ready.

    Raises DeadlineError where it neither gets there nor ends.
    """
    place = RunFolder(path=folder.root() / name)
    log = place.path / folder.OWNER_LOG
    try:
        place.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with log.open("ab") as file:
            owner = processes.detached(command, output=file.fileno())
    except OSError as error:
        raise files.refusal(error, "write", log) from error
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        record = place.record()
        if record and record.state is State.READY:
            return record
        if processes.wait(owner, _PAUSE_SECONDS) is not None:
            said = files.read(log).decode(errors="replace")
            return Ended(exit_code=owner.returncode, said=said)
    processes.end(owner)
    raise DeadlineError(
        f"the run was not ready after {seconds:g} s", hint=f"its owner's words are in {log}"
    )
