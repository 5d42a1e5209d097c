"""One running Envoy, from its start to its end; and one whose folder goes with it.

What differs between a process and a container is in ``engines``; here is what they have in common:
its log, its admin interface, and what to say when it does not answer.
"""

import contextlib
import itertools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from wasmctl import files
from wasmctl.envoy import bootstrap, death, logs, waiting
from wasmctl.envoy.admin import PATIENCE_SECONDS, Admin
from wasmctl.envoy.cluster_offers import Clusters
from wasmctl.envoy.engines.base import ADMIN, Address, Engine, Machine, Site
from wasmctl.envoy.journal import Journal
from wasmctl.envoy.listeners import Listeners
from wasmctl.errors import DeadlineError, WasmctlError

_LISTENERS = "listeners.json"
_CLUSTERS = "clusters.json"
_BOOTSTRAP = "bootstrap.json"

_DEATH_SECONDS = 2.0

# What every Envoy of ours is started with.
ARGUMENTS = (
    "--disable-hot-restart",
    # A listener that is taken away goes at once, and its VMs, shared data and metrics with it.
    *("--drain-time-s", "0"),
    *("--log-format", logs.FORMAT),
    "--log-format-escaped",
)


class Envoy:
    """A running Envoy, whose files are in ``folder``.

    Raises what ``failure`` returns, or DeadlineError, where it is not ``seconds`` until its admin
    interface answers.
    """

    def __init__(
        self, machine: Machine, journal: Journal, folder: Path, *, seconds: float = PATIENCE_SECONDS
    ) -> None:
        self.machine = machine
        self.journal = journal
        self.folder = folder
        self._visits = itertools.count()
        self._chapter = 0
        self._start_seconds = seconds
        self._is_started = False
        self.admin = Admin(self._admin_address(seconds), lost=self.failure)
        self.listeners = Listeners(folder / _LISTENERS, self.admin)
        self.clusters = Clusters(folder / _CLUSTERS, self.admin)

    @property
    def main_thread(self) -> int:
        """The number of the main thread in the log: it always writes first."""
        return self.journal.first_thread

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self.machine.poll() is None

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

    def wait_until_ready(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Return when the listeners are up and the workers run."""
        self._start_seconds = seconds
        self._wait(lambda: self.admin.is_ready(seconds=seconds), seconds)
        self._is_started = True

    def close(self) -> None:
        """Close what we hold of it; it goes on."""
        self.admin.close()

    def kill(self) -> None:
        """End it now: it may be busy for ever."""
        self.machine.kill()

    def failure(self, met: Exception | None = None) -> WasmctlError:
        """Return the error for an Envoy that does not answer: how it died, and its last words.

        ``met`` is what was met instead of an answer.
        """
        if isinstance(met, TimeoutError):
            return self.stuck()
        ended = self.machine.wait(_DEATH_SECONDS)
        if ended is None:
            return self.stuck()
        self.journal.join()
        return death.died(ended, self.journal, self._chapter)

    def stuck(self) -> WasmctlError:
        """Return the error for an Envoy that lives but does not go on: its plugin may loop."""
        if not self._is_started:
            return death.late(self.journal, self._start_seconds)
        return death.stuck(self.journal, self._chapter)

    def _admin_address(self, seconds: float) -> Address:
        self._wait(lambda: self.machine.admin() is not None, seconds)
        found = self.machine.admin()
        if found is None:  # it was there a moment ago
            raise self.failure()
        return found

    def _wait(self, done: Callable[[], bool], seconds: float) -> None:
        def done_or_dead() -> bool:
            if not self.is_alive:
                raise self.failure()
            return done()

        try:
            waiting.until(done_or_dead, seconds=seconds, otherwise="")
        except DeadlineError as error:
            raise death.late(self.journal, seconds) from error


@contextlib.contextmanager
def launched(engine: Engine, clusters: Sequence[bootstrap.Cluster]) -> Iterator[Envoy]:
    """Start an Envoy and wait until it is ready; end it, and remove its folder, with the block.

    Raises EnvoyFailedError where it does not start, DeadlineError where it is never ready,
    EnvironmentMissingError where it cannot be started, FilesError where there is no place for its
    files.
    """
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(_run_folder())
        site = engine.site(folder)
        arguments = _arguments(site, folder)
        _write_configuration(site, folder, clusters)
        machine = stack.enter_context(site.started(arguments))
        journal = stack.enter_context(reading(machine))
        envoy = stack.enter_context(contextlib.closing(Envoy(machine, journal, folder)))
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
def reading(
    machine: Machine, *, on_line: Callable[[str], None] = lambda _line: None, limit: int = 0
) -> Iterator[Journal]:
    """Read a machine's log while the block runs; the machine ends with it."""
    journal = Journal(machine.output, on_line=on_line, limit=limit)
    try:
        yield journal
    finally:
        # The reader ends with the machine, and has to before its pipe is closed.
        machine.stop()
        journal.join()


def _write_configuration(site: Site, folder: Path, clusters: Sequence[bootstrap.Cluster]) -> None:
    listeners_file = folder / _LISTENERS
    admin = site.listen(ADMIN)
    clusters_file = folder / _CLUSTERS
    configuration = bootstrap.bootstrap(
        clusters, site.path(listeners_file), admin, clusters_file=site.path(clusters_file)
    )
    files.write(folder / _BOOTSTRAP, bootstrap.encoded(configuration))
    for file in (listeners_file, clusters_file):
        files.write(file, bootstrap.encoded(bootstrap.resources(0, ())))


def _arguments(site: Site, folder: Path) -> list[str]:
    return [
        *("--config-path", site.path(folder / _BOOTSTRAP)),
        # One worker: a plugin has one VM that serves requests, and the log is in order.
        *("--concurrency", "1"),
        *ARGUMENTS,
        *("--log-level", "warning"),
        # wasm: every message of the plugin, and each callback; admin: the marks of `entries`;
        # http: who answered a request.
        *("--component-log-level", "wasm:trace,admin:debug,http:debug"),
    ]
