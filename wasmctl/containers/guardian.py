"""What removes a run's containers and sockets where we can no longer do it ourselves.

Nothing in a killed process can remove a container. So another one waits beside it, this file
run with the words ``RUN [FOLDER]``: its input ends with us. A line that comes before says that
nothing is left to do.
"""

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from wasmctl import processes
from wasmctl.errors import WasmctlError
from wasmctl.processes import Process

# We may have been killed while the engine was creating a container: it is looked for this long.
_SEARCH_SECONDS = 2.0
_PAUSE_SECONDS = 0.1


class Guardian:
    """The process that waits for our end."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def dismiss(self) -> None:
        """Tell it that nothing is left to remove."""
        if self._process.stdin:
            with contextlib.suppress(BrokenPipeError):  # somebody has ended it
                self._process.stdin.write("\n")
                self._process.stdin.flush()


@contextlib.contextmanager
def guarding(run: str, folder: Path | None = None) -> Iterator[Guardian]:
    """Have the containers of a run, and a folder, removed unless the guardian is dismissed.

    That happens at the end of the block, or of this process, whichever comes first.
    """
    # As a file, not as a module: it has no use for docker-py, which its package imports.
    command: list[str | Path] = [sys.executable, "-P", __file__, run, *([folder] if folder else [])]
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    with processes.survivor(command, environment=environment) as process:
        yield Guardian(process)


def main(run: str, *folders: str) -> None:
    """Wait for a line, or the end of the input, and in that case remove what there is."""
    if sys.stdin.readline():
        return
    # Not before it is needed: most guardians are dismissed.
    from wasmctl import containers  # noqa: PLC0415
    from wasmctl.containers import labels  # noqa: PLC0415

    with contextlib.suppress(WasmctlError), containers.connected() as connection:
        deadline = time.monotonic() + _SEARCH_SECONDS
        while time.monotonic() < deadline:
            for container in connection.labelled(f"{labels.RUN}={run}"):
                container.remove()
            time.sleep(_PAUSE_SECONDS)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
