"""A real Docker Engine: the machine's own, or one that is started for the tests.

The one that is started lives in a folder of its own and ends with the session; each xdist worker
has its own. It has no bridge network: a container has none, or the host's.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import components
from tests.command import run

_PATIENCE_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class DockerEngine:
    """An engine that answers at ``endpoint``, as DOCKER_HOST names it.

    Attributes:
        settings: the folder in which the docker command keeps what is its own.

    """

    endpoint: str
    settings: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a program's environment must say for it to use this engine."""
        # The engine's own builder needs no plugin of the docker command.
        return {
            "DOCKER_HOST": self.endpoint,
            "DOCKER_CONFIG": str(self.settings),
            "DOCKER_CONTEXT": "",
            "DOCKER_BUILDKIT": "0",
        }


@pytest.fixture(scope="session")
def docker_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerEngine]:
    """An engine; name images and containers of your own, and remove them."""
    endpoint = _present()
    if endpoint:
        yield DockerEngine(endpoint=endpoint, settings=tmp_path_factory.mktemp("docker"))
        return
    components.need("dockerd", "docker", "containerd", "runc")
    components.need_root("starting a Docker Engine")
    with running() as engine:
        yield engine


def _present() -> str | None:
    endpoint = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    return endpoint if shutil.which("docker") and _answers(endpoint) else None


def _answers(endpoint: str) -> bool:
    return run(["docker", "version"], environment={"DOCKER_HOST": endpoint}).returncode == 0


@contextlib.contextmanager
def running() -> Iterator[DockerEngine]:
    """Run an engine; its folder goes with it."""
    # A Unix socket's path has 107 characters: pytest's own folders are too deep.
    folder = Path(tempfile.mkdtemp(prefix="wd-", dir="/tmp"))
    endpoint, log = f"unix://{folder}/docker.sock", folder / "dockerd.log"
    try:
        with (
            log.open("w") as output,
            subprocess.Popen(_command(folder, endpoint), stdout=output, stderr=output) as process,
        ):
            try:
                _wait(endpoint, process, log)
                yield DockerEngine(endpoint=endpoint, settings=folder)
            finally:
                process.terminate()
    finally:
        shutil.rmtree(folder)


def _command(folder: Path, endpoint: str) -> list[str]:
    # A configuration file of our own keeps the machine's own out.
    (folder / "daemon.json").write_text("{}")
    return [
        "dockerd",
        *("--config-file", f"{folder}/daemon.json", "--host", endpoint),
        *("--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec"),
        *("--pidfile", f"{folder}/docker.pid", "--iptables=false", "--bridge=none"),
    ]


def _wait(endpoint: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if _answers(endpoint):
            return
        time.sleep(0.1)
    raise AssertionError(f"dockerd does not answer:\n{log.read_text()}")
