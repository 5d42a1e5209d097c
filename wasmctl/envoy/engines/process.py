"""The engine ``process``: Envoy as a child of this process, on the loopback interface."""

import contextlib
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from wasmctl import processes
from wasmctl.envoy import locate, releases
from wasmctl.envoy.engines.base import Address, Choice, Exit, Machine, TcpAddress
from wasmctl.processes import Process

_ADMIN_ADDRESS = "admin-address"


@dataclass(frozen=True, kw_only=True)
class ProcessEngine:
    """Starts the Envoy at ``binary``."""

    binary: Path
    name: str = field(default="process", init=False)

    @classmethod
    def of(cls, choice: Choice) -> "ProcessEngine":
        """Return the engine with the binary or the release that is named, else an installed one.

        Raises EnvironmentMissingError where there is none with V8, FilesError where the named one
        cannot be read.
        """
        named = choice.path
        if choice.version and not named:
            named = releases.binary(choice.version, choice.on_progress)
        return cls(binary=locate.locate(named))

    @property
    def title(self) -> str:
        """The release and the place of the binary."""
        return f"Envoy {locate.version(self.binary) or 'of unknown version'} at {self.binary}"

    def site(self, folder: Path) -> "ProcessSite":
        """Return a place for one Envoy: it sees files and ports as we do."""
        return ProcessSite(self.binary, folder.absolute())


class ProcessSite:
    """Where everything is called as it is outside."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self._binary = binary
        self._folder = folder

    def path(self, file: Path) -> str:
        """Return the file's own path."""
        return str(file.absolute())

    def listen(self, name: str, port: int = 0) -> Address:  # noqa: ARG002 - ports have no names
        """Return the port that is wanted."""
        return TcpAddress(port=port)

    def server(self, address: TcpAddress) -> Address:
        """Return the server's own address."""
        return address

    @contextlib.contextmanager
    def started(self, arguments: Sequence[str]) -> Iterator[Machine]:
        """Start Envoy as a companion, which lives as long as this process, whoever starts it."""
        file = self._folder / _ADMIN_ADDRESS
        command: list[str | Path] = [self._binary, *arguments, "--admin-address-path", file]
        with _owned(processes.companion(command)) as process:
            yield _ProcessMachine(process, file)


# Never ends: a companion goes with the thread that started it.
_OWNER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="owner of Envoys")


@contextlib.contextmanager
def _owned(companion: AbstractContextManager[Process]) -> Iterator[Process]:
    """Enter a companion's block in a thread that outlives it: here, if this is the main one."""
    if threading.current_thread() is threading.main_thread():
        with companion as process:
            yield process
        return
    process = _OWNER.submit(companion.__enter__).result()
    try:
        yield process
    finally:
        companion.__exit__(None, None, None)


class _ProcessMachine:
    def __init__(self, process: Process, admin_address: Path) -> None:
        self._process = process
        self._admin_address = admin_address

    @property
    def label(self) -> str:
        return f"process {self._process.pid}"

    @property
    def output(self) -> Iterable[str]:
        return self._process.stdout or ()

    def poll(self) -> Exit | None:
        return _exit(self._process.poll())

    def wait(self, seconds: float) -> Exit | None:
        return _exit(processes.wait(self._process, seconds))

    def admin(self) -> Address | None:
        # The file is written in two steps: it may still be empty.
        text = self._admin_address.read_text() if self._admin_address.is_file() else ""
        host, _, port = text.rpartition(":")
        return TcpAddress(host=host, port=int(port)) if host else None

    def outside(self, _name: str, inside: Address) -> Address:
        return inside

    def stop(self) -> None:
        processes.end(self._process)

    def kill(self) -> None:
        processes.kill(self._process)


def _exit(code: int | None) -> Exit | None:
    if code is None:
        return None
    return Exit(signal=-code) if code < 0 else Exit(code=code)
