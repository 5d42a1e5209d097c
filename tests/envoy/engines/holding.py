"""Commands that hold a container with Envoy, to be ended in every way."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.command import WASMCTL, run, surroundings
from tests.docker_engine import DockerEngine
from tests.envoy import plugins


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A command that runs.

    Attributes:
        temporary: the folder for its temporary files.
        state: the folder that it keeps its runs in.

    """

    process: "subprocess.Popen[str]"
    temporary: Path
    state: Path

    def wait_until_ready(self) -> None:
        """Return when the proxy's address has been printed."""
        assert self.process.stdout
        assert self.process.stdout.readline().startswith("url")

    def processes(self) -> list[int]:
        """Return the ids of the command and all that it started, however they are related."""
        mark = f"XDG_STATE_HOME={self.state}".encode()
        return [pid for pid in _all() if mark in _environment(pid)]


def _all() -> Iterator[int]:
    return (int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal())


def _environment(pid: int) -> list[bytes]:
    # That of a zombie is empty.
    with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return []


@contextmanager
def holding(docker: DockerEngine, image: str, place: Path) -> Iterator[Holder]:
    """Start a plugin in a container; the command is killed if it outlives the block."""
    temporary, state, module = place / "tmp", place / "state", place / "plugin.wasm"
    temporary.mkdir(parents=True)
    module.write_bytes(plugins.plugin(vm_start=plugins.TRUE, configure=plugins.TRUE).content)
    environment = {**docker.environment, "TMPDIR": str(temporary), "XDG_STATE_HOME": str(state)}
    with subprocess.Popen(
        [*WASMCTL, "run", module, "--engine", "container", "--image", image],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=surroundings(environment),
        start_new_session=True,
    ) as process:
        try:
            yield Holder(process=process, temporary=temporary, state=state)
        finally:
            process.kill()


def containers_in(docker: DockerEngine, image: str) -> list[str]:
    """Return the ids of all containers in an engine that were made of an image, running or not.

    Another worker may use the same engine, with an image of its own.
    """
    words = ["docker", "ps", "-aq", "--filter", f"ancestor={image}"]
    return run(words, environment=docker.environment).stdout.split()


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
