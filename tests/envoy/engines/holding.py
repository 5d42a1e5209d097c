"""Processes that hold a container with Envoy, to be ended in every way."""

import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.command import run, surroundings
from tests.docker_engine import DockerEngine

# Starts an Envoy in a container, tells what is where, and sleeps.
_HOLDER = textwrap.dedent(
    """
    import signal, sys, time
    from wasmctl.envoy import engines, launch
    from wasmctl.envoy.engines.base import Choice
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    engine = engines.choose("container", Choice(image=sys.argv[1]))
    print("starting", flush=True)
    with launch.launched(engine, []) as envoy:
        print(envoy.machine.label.split()[1].strip(","), flush=True)
        time.sleep(300)
    """
)


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A process with a container.

    Attributes:
        place: the folder in which its temporary files are.

    """

    process: "subprocess.Popen[str]"
    place: Path

    def line(self) -> str:
        """Return the next line that it tells: ``starting``, then the container's id."""
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def children(self) -> list[int]:
        """Return the ids of its child processes."""
        pid = self.process.pid
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def holding(docker: DockerEngine, image: str, place: Path) -> Iterator[Holder]:
    """Start a holder; it is killed if it outlives the block."""
    place.mkdir(exist_ok=True)
    environment = {**docker.environment, "TMPDIR": str(place), "PYTHONPATH": ":".join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, image],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=surroundings(environment),
        start_new_session=True,
    ) as process:
        try:
            yield Holder(process=process, place=place)
        finally:
            process.kill()


def containers_in(docker: DockerEngine, image: str) -> list[str]:
    """Return the ids of all containers of wasmctl that were made of an image, running or not.

    Another worker may use the same engine, with an image of its own.
    """
    of_image = f"ancestor={image}"
    words = ["docker", "ps", "-aq", "--filter", "label=wasmctl.run", "--filter", of_image]
    return run(words, environment=docker.environment).stdout.split()


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """Return whether a process is there, and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state[0] not in "ZX"
