"""Runs for tests: ``wasmctl run`` as a user starts it, with a state folder of its own."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.command import WASMCTL, surroundings, wasmctl
from wasmctl.plugin import Plugin

PATIENCE = 60


@dataclass(frozen=True, kw_only=True)
class Running:
    """A run that is ready."""

    process: subprocess.Popen[str]
    url: str
    admin: str
    errors: Path

    def get(self, path: str = "/", **headers: str) -> tuple[HTTPResponse, bytes]:
        """Send a request over a connection of its own."""
        connection = HTTPConnection(str(urlsplit(self.url).netloc), timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response, response.read()

    def echoed(self, path: str = "/", **headers: str) -> dict[str, Any]:
        """Return what the built-in upstream saw."""
        found: dict[str, Any] = json.loads(self.get(path, **headers)[1])
        return found

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def said(self) -> str:
        """Return what it has written to stderr."""
        return self.errors.read_text()

    def wait_for(self, text: str, count: int = 1) -> str:
        """Wait until it has said a text so often; return all it has said."""
        deadline = time.monotonic() + PATIENCE
        while self.said().count(text) < count:
            assert time.monotonic() < deadline, f"it never said {text!r}: {self.said()}"
            time.sleep(0.01)
        return self.said()


def state(folder: Path) -> dict[str, str]:
    """Return an environment whose runs are kept in a folder of the test."""
    return {"XDG_STATE_HOME": str(folder / ".state")}


def run_folders(folder: Path) -> list[Path]:
    """Return the folders of the runs that a test has started."""
    found = folder / ".state/wasmctl/runs"
    return sorted(found.iterdir()) if found.exists() else []


@contextlib.contextmanager
def running(folder: Path, *words: str | Path, **environment: str) -> Iterator[Running]:
    """Start a run and wait until it has printed its URLs; end it with the block."""
    errors = folder / f"errors-{time.monotonic_ns()}"
    with (
        errors.open("w") as stderr,
        subprocess.Popen(
            [*WASMCTL, "run", *map(str, words)],
            cwd=folder,
            env=surroundings(state(folder) | environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            assert process.stdout
            places = [process.stdout.readline().split() for _ in range(2)]
            assert [place[:1] for place in places] == [["url"], ["admin"]], errors.read_text()
            yield Running(process=process, url=places[0][1], admin=places[1][1], errors=errors)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def ran(folder: Path, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``wasmctl run`` to its end."""
    return wasmctl("run", *words, folder=folder, environment=state(folder) | environment)


def envoys_of(folder: Path) -> list[int]:
    """Return the processes whose command line names a folder of the test."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if str(folder).encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
    return found


def write(folder: Path, name: str, made: Plugin) -> Path:
    """Write a plugin's module into a folder."""
    path = folder / f"{name}.wasm"
    path.write_bytes(made.content)
    return path
