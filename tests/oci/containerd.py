"""A containerd of the tests' own, which pulls images and lays their files out."""

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import components
from tests.command import run

_PATIENCE_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Containerd:
    """A running containerd and where it listens."""

    socket: Path

    def pull(self, reference: str) -> "subprocess.CompletedProcess[str]":
        """Pull an image over plain HTTP, and unpack it."""
        # The snapshotter that copies files works on every file system.
        words = ["--plain-http", "--snapshotter", "native", reference]
        return run(["ctr", "--address", self.socket, "images", "pull", *words])


@contextlib.contextmanager
def running() -> Iterator[Containerd]:
    """Run a containerd; its folder goes with it."""
    components.need("containerd", "ctr")
    components.need_root("starting containerd")
    folder = Path(tempfile.mkdtemp(prefix="wc-", dir="/tmp"))
    places = ("--root", f"{folder}/root", "--state", f"{folder}/state")
    command = ["containerd", *places, "--address", f"{folder}/s"]
    try:
        with (
            (folder / "log").open("w") as log,
            subprocess.Popen(command, stdout=log, stderr=log) as process,
        ):
            try:
                _wait(folder, process)
                yield Containerd(socket=folder / "s")
            finally:
                process.terminate()
    finally:
        shutil.rmtree(folder)


def _wait(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if run(["ctr", "--address", folder / "s", "version"]).returncode == 0:
            return
        time.sleep(0.05)
    raise AssertionError(f"containerd does not answer:\n{(folder / 'log').read_text()}")
