"""One Envoy process, from its start to its end; it never outlives us.

All its files are in a folder of its own that goes with it. Everything is on 127.0.0.1, on ports
that the system chooses.
"""

import contextlib
import itertools
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from wasmctl import files, processes
from wasmctl.envoy import bootstrap, logs, trace, waiting
from wasmctl.envoy.admin import PATIENCE_SECONDS, Admin
from wasmctl.envoy.journal import Journal
from wasmctl.envoy.listeners import Listeners
from wasmctl.errors import EnvoyFailedError, WasmctlError
from wasmctl.processes import Process

_ADMIN_ADDRESS = "admin-address"
_LISTENERS = "listeners.json"
_BOOTSTRAP = "bootstrap.json"

_DEATH_SECONDS = 2.0
_EVIDENCE_LINES = 12


class Envoy:
    """A running Envoy."""

    def __init__(self, process: Process, journal: Journal, folder: Path) -> None:
        self.folder = folder
        self.journal = journal
        self._process = process
        self._visits = itertools.count()
        self._chapter = 0
        self.admin = Admin(self._admin_address(), lost=self.failure)
        self.listeners = Listeners(folder / _LISTENERS, self.admin)

    @property
    def pid(self) -> int:
        """The process id, which is also the main thread's number in the log."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def begin(self) -> None:
        """Begin a new chapter of the journal: what follows belongs to what is done next."""
        self._fence()
        self._chapter = self.journal.length

    def entries(self) -> tuple[logs.Entry, ...]:
        """Return all messages written from the chapter's beginning until now."""
        self._fence()
        return self.journal.entries(self._chapter)

    def _fence(self) -> None:
        """Wait until everything that has been written is read.

        An admin request leaves a line of its own: once that is here, so is all before it.
        """
        text = f"visit={next(self._visits)};"
        since = self.journal.length
        self.admin.visit(text)
        self.journal.wait_for(text, since=since, patience=PATIENCE_SECONDS)

    def wait_until_ready(self) -> None:
        """Return when the listeners are up and the workers run."""
        self._wait(self.admin.is_ready)

    def close(self) -> None:
        """Close what we hold of it; the process goes on."""
        self.admin.close()

    def kill(self) -> None:
        """End the process now: it may be busy for ever."""
        processes.kill(self._process)

    def failure(self, met: Exception | None = None) -> WasmctlError:
        """Return the error for an Envoy that does not answer: how it died, and its last words.

        ``met`` is what was met instead of an answer.
        """
        if isinstance(met, TimeoutError):
            return self.stuck()
        code = processes.wait(self._process, _DEATH_SECONDS)
        if code is None:
            return self.stuck()
        self.journal.join()
        died = f"died of {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return EnvoyFailedError(
            f"Envoy {died}{self._during()}",
            hint="its last lines say why; a crash is often a hostcall that Envoy does not survive",
            details=self._evidence(),
        )

    def stuck(self) -> WasmctlError:
        """Return the error for an Envoy that lives but does not go on: its plugin may loop."""
        return EnvoyFailedError(
            f"Envoy does not go on{self._during()}",
            hint="see whether that callback ends: Envoy sets plugins no limit of time",
            details=self._evidence(),
        )

    def _during(self) -> str:
        callback = trace.last_callback(self.journal.entries(self._chapter))
        return f"; the last callback was {callback}" if callback else ""

    def _evidence(self) -> tuple[str, ...]:
        entries = self.journal.entries(self._chapter)
        said = [entry.text.partition("\n")[0] for entry in entries if logs.is_telling(entry)]
        return tuple(said[-_EVIDENCE_LINES:]) or self.journal.tail(_EVIDENCE_LINES)

    def _admin_address(self) -> str:
        file = self.folder / _ADMIN_ADDRESS
        self._wait(lambda: file.is_file() and ":" in file.read_text())
        return file.read_text()

    def _wait(self, done: Callable[[], bool]) -> None:
        def done_or_dead() -> bool:
            if not self.is_alive:
                raise self.failure()
            return done()

        waiting.until(
            done_or_dead,
            seconds=PATIENCE_SECONDS,
            otherwise=f"Envoy was not ready after {PATIENCE_SECONDS:.0f} s",
        )


@contextlib.contextmanager
def launched(binary: Path, clusters: Sequence[bootstrap.Cluster]) -> Iterator[Envoy]:
    """Start an Envoy and wait until it is ready; end it, and remove its folder, with the block.

    Raises EnvoyFailedError where it does not start, DeadlineError where it is never ready,
    EnvironmentMissingError where the binary cannot be started, FilesError where there is no place
    for its files.
    """
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(_run_folder())
        _write_configuration(folder, clusters)
        process = stack.enter_context(processes.companion(_command(binary, folder)))
        journal = stack.enter_context(_journal(process))
        envoy = stack.enter_context(contextlib.closing(Envoy(process, journal, folder)))
        envoy.wait_until_ready()
        yield envoy


@contextlib.contextmanager
def _run_folder() -> Iterator[Path]:
    try:
        folder = tempfile.TemporaryDirectory(prefix="wasmctl-envoy-", ignore_cleanup_errors=True)
    except OSError as error:
        place = Path(error.filename or tempfile.tempdir or ".")
        raise files.refusal(error, "create a folder in", place) from error
    with folder as name:
        yield Path(name)


@contextlib.contextmanager
def _journal(process: Process) -> Iterator[Journal]:
    journal = Journal(process.stdout or ())
    try:
        yield journal
    finally:
        # The reader ends with the process, and has to before its pipe is closed.
        processes.end(process)
        journal.join()


def _write_configuration(folder: Path, clusters: Sequence[bootstrap.Cluster]) -> None:
    listeners_file = folder / _LISTENERS
    configuration = bootstrap.bootstrap(clusters, listeners_file)
    files.write(folder / _BOOTSTRAP, bootstrap.encoded(configuration))
    files.write(listeners_file, bootstrap.encoded(bootstrap.listeners(0, ())))


def _command(binary: Path, folder: Path) -> list[str | Path]:
    return [
        binary,
        *("--config-path", folder / _BOOTSTRAP),
        *("--admin-address-path", folder / _ADMIN_ADDRESS),
        # One worker: a plugin has one VM that serves requests, and the log is in order.
        *("--concurrency", "1"),
        "--disable-hot-restart",
        # A listener that is taken away goes at once, and its VMs, shared data and metrics with it.
        *("--drain-time-s", "0"),
        *("--log-format", logs.FORMAT),
        "--log-format-escaped",
        *("--log-level", "warning"),
        # wasm: every message of the plugin, and each callback; admin: the marks of `entries`.
        *("--component-log-level", "wasm:trace,admin:debug"),
    ]
