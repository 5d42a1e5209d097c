"""A real Docker Engine: the machine's own, or one that is started for the tests.

The one that is started lives in a folder of its own, is shared by all xdist workers, and ends with
the last of them. It has no bridge network: a container has none, or the host's.
"""

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import components
from tests.command import run
from wasmctl import files

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
    with _shared(common(tmp_path_factory)) as engine:
        yield engine


def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all workers of a run share."""
    root = tmp_path_factory.getbasetemp()
    return root.parent if "PYTEST_XDIST_WORKER" in os.environ else root


def _present() -> str | None:
    endpoint = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    return endpoint if shutil.which("docker") and _answers(endpoint) else None


def _answers(endpoint: str) -> bool:
    return run(["docker", "version"], environment={"DOCKER_HOST": endpoint}).returncode == 0


@contextlib.contextmanager
def _shared(place: Path) -> Iterator[DockerEngine]:
    """Use the engine of all workers: the first starts it, the last ends it and its folder."""
    note, lock = place / "docker-engine", place / "docker-engine.lock"
    with files.locked(lock):
        folder, users = _noted(note) if note.exists() else (_start(), 0)
        note.write_text(f"{folder} {users + 1}")
    try:
        yield DockerEngine(endpoint=f"unix://{folder}/docker.sock", settings=folder)
    finally:
        with files.locked(lock):
            folder, users = _noted(note)
            note.write_text(f"{folder} {users - 1}")
            if users == 1:
                note.unlink()
                _end(folder)


@contextlib.contextmanager
def open_to_all(engine: DockerEngine) -> Iterator[None]:
    """Let users without rights use an engine, while the block runs."""
    socket = Path(engine.endpoint.removeprefix("unix://"))
    # Other tests are of an engine that they may not use.
    with files.locked(Path(f"{socket}.lock")):
        mode = stat.S_IMODE(socket.stat().st_mode)
        socket.chmod(0o666)
        try:
            yield
        finally:
            socket.chmod(mode)


@contextlib.contextmanager
def closed_to_most(engine: DockerEngine) -> Iterator[None]:
    """Let users without rights not use an engine, while the block runs."""
    with files.locked(Path(engine.endpoint.removeprefix("unix://") + ".lock")):
        yield


def _noted(note: Path) -> tuple[Path, int]:
    folder, users = note.read_text().split()
    return Path(folder), int(users)


def _start() -> Path:
    # A Unix socket's path has 107 characters: pytest's own folders are too deep.
    folder = Path(tempfile.mkdtemp(prefix="wd-", dir="/tmp"))
    folder.chmod(0o755)  # users without rights use it too
    endpoint = f"unix://{folder}/docker.sock"
    with (folder / "dockerd.log").open("w") as log:
        # It outlives the worker that starts it.
        command = ["setsid", "--fork", *_command(folder, endpoint)]
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True)
    _wait(endpoint, folder)
    return folder


def _end(folder: Path) -> None:
    pid = int((folder / "docker.pid").read_text())
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    # A network namespace that containers shared with this machine stays mounted.
    for line in Path("/proc/self/mounts").read_text().splitlines():
        if line.split()[1].startswith(f"{folder}/"):
            run(["umount", line.split()[1]])
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


def _wait(endpoint: str, folder: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if _answers(endpoint):
            return
        time.sleep(0.1)
    raise AssertionError(f"dockerd does not answer:\n{(folder / 'dockerd.log').read_text()}")
