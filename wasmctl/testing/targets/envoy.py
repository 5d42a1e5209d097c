"""The real Envoy as a target: one process for a whole file, one listener for each test.

A session gives Envoy its listener and takes it away again, so only one plugin is in the process at
a time: its metrics, shared data and messages need no telling apart, and a plugin that is refused
or trapped leaves nothing behind. Where Envoy dies, or a plugin does not end, the next session
gets a fresh Envoy.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from wasmctl import files
from wasmctl.abi.wasi import WASI_FUNCTIONS
from wasmctl.envoy import bootstrap, engines, launch, logs, trace, waiting
from wasmctl.envoy.admin import StatKind
from wasmctl.envoy.bootstrap import PluginSettings
from wasmctl.envoy.engines.base import Choice, Engine
from wasmctl.envoy.launch import Envoy
from wasmctl.envoy.peers import process as peers_process
from wasmctl.envoy.peers.process import Peers
from wasmctl.envoy.peers.received import Answer, Received
from wasmctl.errors import DeadlineError, EnvoyFailedError
from wasmctl.messages import Message
from wasmctl.testing.observation import INSIDE, Aspect, Observation, Seen
from wasmctl.testing.targets.base import Session, Setup, Stage

_UPSTREAM = "upstream"
# Metrics of plugins carry this prefix in Envoy.
_METRIC = "wasmcustom."
_METRICS = r"^wasmcustom\."
_PATIENCE_SECONDS = 5.0
# After this time without an answer, a stream that the plugin has stopped is taken for stopped.
_QUIET_SECONDS = 0.5


class EnvoyTarget:
    """Envoy as a place where tests run.

    Args:
        binary: the Envoy to use; without it the one that is installed.
        patience: for how many seconds the client waits for an answer, and the stage for the end
            of a stream or a plugin.

    """

    def __init__(self, binary: Path | None = None, *, patience: float = _PATIENCE_SECONDS) -> None:
        self.name = "envoy"
        self.sees = frozenset(Aspect) - INSIDE
        self._binary = binary
        self._patience = patience

    @contextlib.contextmanager
    def stage(self, setups: Sequence[Setup]) -> Iterator[Stage]:
        """Start the peers and Envoy; a module that many setups share is compiled once.

        Raises EnvironmentMissingError where there is no Envoy that can run plugins,
        EnvoyFailedError or DeadlineError where it does not start.
        """
        with ExitStack() as running:
            engine = engines.choose("process", Choice(path=self._binary))
            stage = _Stage(engine, self._patience, running, setups)
            stage.machine()
            yield stage


@dataclass(frozen=True, kw_only=True)
class _Machine:
    """An Envoy, and the peers on both sides of it."""

    envoy: Envoy
    peers: Peers


class _Stage:
    """The machine that runs now; a session that goes wrong takes it down."""

    def __init__(
        self, engine: Engine, patience: float, running: ExitStack, setups: Sequence[Setup]
    ) -> None:
        self._engine = engine
        self._patience = patience
        self._running = running
        self._uses = Counter(setup.plugin.digest for setup in setups)
        self._machine: _Machine | None = None

    def machine(self) -> _Machine:
        """Return the machine, a fresh one where there is none."""
        if self._machine is None:
            peers = self._running.enter_context(peers_process.started([_UPSTREAM]))
            cluster = bootstrap.Cluster(name=_UPSTREAM, port=peers.ports[_UPSTREAM])
            envoy = self._running.enter_context(launch.launched(self._engine, [cluster]))
            self._machine = _Machine(envoy=envoy, peers=peers)
        return self._machine

    @contextlib.contextmanager
    def session(self, setup: Setup) -> Iterator[Session]:
        """Start a plugin; in the session of a refused one nothing is sent.

        Raises EnvoyFailedError where Envoy dies of it, and so do the session's methods.
        """
        machine = self.machine()
        try:
            opened = _opened(setup, machine, self._patience)
            yield opened
            machine.peers.forget()
            if self._uses[setup.plugin.digest] > 1 and isinstance(opened, _EnvoySession):
                machine.envoy.listeners.keep(_idle(setup, machine.envoy.folder))
            self._withdraw(machine.envoy)
        except BaseException:
            # It may be dead, or in a state that no later test should meet.
            machine.envoy.kill()
            self._machine = None
            self._running.close()
            raise

    def _withdraw(self, envoy: Envoy) -> None:
        try:
            envoy.listeners.withdraw(seconds=self._patience)
        except DeadlineError as error:
            raise envoy.stuck() from error


def _opened(setup: Setup, machine: _Machine, patience: float) -> Session:
    envoy = machine.envoy
    envoy.begin()
    listener = bootstrap.listener(setup.key, [_settings(setup, envoy.folder)], _UPSTREAM)
    port = envoy.listeners.offer(listener)
    if port is None:
        return _RefusedSession(_refusal(setup, envoy.entries(), envoy.main_thread))
    return _EnvoySession(setup, machine, port, patience)


def _idle(setup: Setup, folder: Path) -> bootstrap.Json:
    """Return a listener with the same module, none of whose callbacks is ever called."""
    name = f"idle-{setup.plugin.digest.removeprefix('sha256:')}"
    settings = PluginSettings(
        name=name,
        code=_code(setup, folder),
        vm_id=name,
        # What a module's runtime may need while it starts, and no proxy_ function.
        capabilities=frozenset(WASI_FUNCTIONS),
    )
    return bootstrap.listener(name, [settings], _UPSTREAM)


def _code(setup: Setup, folder: Path) -> Path:
    code = folder / f"{setup.plugin.digest.removeprefix('sha256:')}.wasm"
    if not code.exists():
        files.write(code, setup.plugin.content)
    return code


def _settings(setup: Setup, folder: Path) -> PluginSettings:
    return PluginSettings(
        name=setup.key,
        code=_code(setup, folder),
        configuration=setup.configuration,
        root_id=setup.root_id,
        vm_id=setup.vm_id,
        environment=setup.environment,
    )


def _identity(setup: Setup) -> logs.Identity:
    return logs.Identity(name=setup.key, root_id=setup.root_id, vm_id=setup.vm_id)


def _refusal(setup: Setup, entries: Sequence[logs.Entry], main_thread: int) -> Observation:
    """Return what was seen of a plugin that did not start: it ran in the main thread only."""
    reason = logs.refusal(entries)
    if reason is None:  # no plugin was asked: it is Envoy that does not take what we wrote
        raise EnvoyFailedError(
            "Envoy refused the configuration that wasmctl made for it",
            hint="report this with the lines below and the output of `wasmctl doctor`",
            details=tuple(entry.text.strip() for entry in entries),
        )
    started = [entry for entry in entries if entry.thread == main_thread]
    return Observation(
        configured=False,
        load_error=reason,
        logs=logs.plugin_lines(started, _identity(setup)),
        trap=logs.trap(started),
    )


@dataclass(frozen=True)
class _RefusedSession:
    """The session of a plugin that did not start."""

    seen: Observation

    def exchange(self, request: Message, reply: Message) -> None:
        """Send nothing: there is nobody."""

    def observation(self) -> Observation:
        """Return what its start showed."""
        return self.seen


class _EnvoySession:
    """The session of a plugin behind the listener at ``port``."""

    def __init__(self, setup: Setup, machine: _Machine, port: int, patience: float) -> None:
        self._setup = setup
        self._envoy = machine.envoy
        self._peers = machine.peers
        self._port = port
        self._patience = patience
        self._client: Received | None = None
        self._paused_at: str | None = None
        self._counted = self._metrics(StatKind.COUNTER)

    def exchange(self, request: Message, reply: Message) -> None:
        """Send a request; return when the plugin is done with it too."""
        self._peers.reply(_UPSTREAM, reply)
        answer = self._answer(request)
        self._paused_at = None if answer.ended else trace.paused_at(self._served())
        if not answer.ended:
            self._peers.give_up()
        self._client = answer.received
        self._settle()

    def _answer(self, request: Message) -> Answer:
        """Return the answer, without waiting long for one that will not come."""
        quiet = min(_QUIET_SECONDS, self._patience)
        answer = self._peers.send(self._port, request, seconds=quiet)
        if answer.ended or trace.paused_at(self._served()):
            return answer
        return self._peers.wait(seconds=self._patience - quiet)

    def _served(self) -> tuple[logs.Entry, ...]:
        """Return what was written for the VM that serves requests: not the main thread's."""
        main = self._envoy.main_thread
        return tuple(entry for entry in self._envoy.entries() if entry.thread != main)

    def _settle(self) -> None:
        """Wait for the end of the stream: after the answer the plugin has calls to come."""
        active = f"http.{self._setup.key}.downstream_rq_active"
        try:
            waiting.until(
                lambda: (
                    not any(self._envoy.admin.statistics(f"^{active}$", StatKind.GAUGE).values())
                ),
                seconds=self._patience,
                otherwise="the stream did not end",
            )
        except DeadlineError as error:
            raise self._envoy.stuck() from error

    def observation(self) -> Observation:
        """Return all that was seen, the last lines of the log included."""
        served = self._served()
        return Observation(
            configured=True,
            upstream=tuple(_seen(request) for request in self._peers.seen(_UPSTREAM)),
            client=_seen(self._client) if self._client else None,
            logs=logs.plugin_lines(served, _identity(self._setup)),
            metrics=self._metrics(StatKind.GAUGE) | self._added(),
            trap=logs.trap(served),
            paused_at=self._paused_at,
        )

    def _added(self) -> dict[str, int]:
        now = self._metrics(StatKind.COUNTER)
        return {name: value - self._counted.get(name, 0) for name, value in now.items()}

    def _metrics(self, kind: StatKind) -> dict[str, int]:
        found = self._envoy.admin.statistics(_METRICS, kind)
        return {name.removeprefix(_METRIC): value for name, value in found.items()}


def _seen(received: Received) -> Seen:
    return Seen(message=received.message, complete=received.complete)
