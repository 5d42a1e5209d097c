"""The real Envoy as a target: one process for a whole file, one listener for each test.

A session gives Envoy its listener and takes it away again, so only one test's plugins are in the
process at a time: their metrics, shared data and messages need no telling apart, and a plugin that
is refused or trapped leaves nothing behind. Where Envoy dies, or a plugin does not end, the next
session gets a fresh Envoy.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from wasmctl.envoy import engines, launch
from wasmctl.envoy.engines.base import Choice, Engine
from wasmctl.envoy.peers import process as peers_process
from wasmctl.errors import DeadlineError
from wasmctl.testing.observation import INSIDE, Aspect
from wasmctl.testing.targets import envoy_clusters, envoy_plugins, envoy_properties
from wasmctl.testing.targets.base import Ability, Session, Setup, Stage
from wasmctl.testing.targets.envoy_session import EnvoySession
from wasmctl.testing.targets.envoy_streams import Machine
from wasmctl.testing.targets.refused import RefusedSession

_PATIENCE_SECONDS = 5.0
# What a test may let pass of real time: 10 s.
_LONGEST = 10_000_000_000


class EnvoyTarget:
    """Envoy as a place where tests run.

    Args:
        binary: the Envoy to use; without it the one that is installed.
        patience: for how many seconds the client waits for an answer at most, and the stage for
            the end of a stream or a plugin.

    """

    def __init__(self, binary: Path | None = None, *, patience: float = _PATIENCE_SECONDS) -> None:
        self.name = "envoy"
        # How long something takes here tells of the machine, too.
        self.sees = frozenset(Aspect) - INSIDE - {Aspect.TIME}
        self.can: frozenset[Ability] = frozenset()
        self.longest: int | None = _LONGEST
        self._binary = binary
        self._patience = patience

    def has_property(self, path: tuple[str, ...]) -> bool:
        """Return whether Envoy can be told to have it."""
        return envoy_properties.is_known(path)

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


class _Stage:
    """The machine that runs now; a session that goes wrong takes it down."""

    def __init__(
        self, engine: Engine, patience: float, running: ExitStack, setups: Sequence[Setup]
    ) -> None:
        self._engine = engine
        self._patience = patience
        self._running = running
        plugins = [plugin for setup in setups for plugin in setup.plugins]
        self._uses = Counter(plugin.plugin.digest for plugin in plugins)
        self._clusters = {name for setup in setups for name in setup.upstreams}
        self._machine: Machine | None = None

    def machine(self) -> Machine:
        """Return the machine, a fresh one where there is none."""
        if self._machine is None:
            names = [envoy_clusters.ORIGIN, *map(envoy_clusters.peer, sorted(self._clusters))]
            peers = self._running.enter_context(peers_process.started(names))
            envoy = self._running.enter_context(launch.launched(self._engine, []))
            self._machine = Machine(envoy=envoy, peers=peers)
        return self._machine

    @contextlib.contextmanager
    def session(self, setup: Setup) -> Iterator[Session]:
        """Start the plugins; in the session of refused ones nothing is sent.

        Raises EnvoyFailedError where Envoy dies of it, and so do the session's methods.
        """
        machine = self.machine()
        try:
            opened = self._opened(setup, machine)
            yield opened
            machine.peers.forget()
            if isinstance(opened, EnvoySession):
                self._keep_compiled(setup, machine)
            self._withdraw(machine)
        except BaseException:
            # It may be dead, or in a state that no later test should meet.
            machine.envoy.kill()
            self._machine = None
            self._running.close()
            raise

    def _opened(self, setup: Setup, machine: Machine) -> Session:
        envoy = machine.envoy
        envoy.begin()
        envoy.clusters.offer(envoy_clusters.offered(setup, machine.peers.ports))
        port = envoy.listeners.offer(envoy_plugins.listener(setup, envoy.folder))
        if port is None:
            seen = envoy_plugins.refusal(setup, envoy.entries(), envoy.main_thread)
            return RefusedSession(seen)
        return EnvoySession(setup, machine, port, self._patience)

    def _keep_compiled(self, setup: Setup, machine: Machine) -> None:
        for plugin in setup.plugins:
            if self._uses[plugin.plugin.digest] > 1:
                idle = envoy_plugins.idle_listener(plugin, machine.envoy.folder)
                machine.envoy.listeners.keep(idle)

    def _withdraw(self, machine: Machine) -> None:
        try:
            machine.envoy.listeners.withdraw(seconds=self._patience)
        except DeadlineError as error:
            raise machine.envoy.stuck() from error
