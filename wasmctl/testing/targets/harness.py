"""The embedded host as a target: fresh VMs for each test, in this process."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wasmctl import messages
from wasmctl.host import Exchange, Host, Limits, LoadError
from wasmctl.outcomes import Outcome
from wasmctl.testing.observation import Aspect, Observation, Seen, SeenHazard
from wasmctl.testing.targets.base import PATIENCE, Ability, Sending, Session, Setup, Stage, Until
from wasmctl.testing.targets.refused import RefusedSession
from wasmctl.testing.upstreams import Upstreams


class HarnessTarget:
    """The embedded host as a place where tests run.

    Args:
        cache: the folder where compiled modules are kept for the next run; None: nowhere.
        trace: whether to take down every call between host and plugin.

    """

    def __init__(self, cache: Path | None = None, *, trace: bool = False) -> None:
        self.name = "harness"
        self.sees = frozenset(Aspect)
        self.can = frozenset(Ability)
        self.longest: int | None = None
        self._cache = cache
        self._trace = trace

    @contextlib.contextmanager
    def stage(self, setups: Sequence[Setup]) -> Iterator[Stage]:
        """Need nothing: each session brings all it needs."""
        del setups
        yield _Stage(self._cache, self._trace)


@dataclass(frozen=True)
class _Stage:
    cache: Path | None
    trace: bool

    @contextlib.contextmanager
    def session(self, setup: Setup) -> Iterator[Session]:
        """Start the plugin; in the session of a refused one nothing is sent."""
        first = setup.plugins[0]
        try:
            host = Host.start(
                first.plugin,
                configuration=first.configuration,
                root_id=first.root_id,
                vm_id=first.vm_id,
                vm_configuration=first.vm_configuration,
                environment=first.environment,
                limits=Limits(),
                cache=self.cache,
                trace=self.trace or setup.trace,
            )
        except LoadError as error:
            yield RefusedSession(_refusal(error))
            return
        with host:
            yield _HostSession(host, setup)


def _refusal(error: LoadError) -> Observation:
    return Observation(
        configured=False,
        load_error=error.message,
        logs=error.logs,
        trap=error.trap,
        trace=error.trace,
    )


class _HostSession:
    """The session of a plugin that started."""

    def __init__(self, host: Host, setup: Setup) -> None:
        self.host = host
        self.upstreams = Upstreams(setup.upstreams)
        self.exchanges: list[Exchange] = []
        self._counted = host.counters

    def send(self, sending: Sending) -> None:
        """Send a request."""
        self.exchanges.append(
            self.host.http(sending.request, sending.origin.message or messages.response())
        )

    def wait(self, stream: str, until: Until, patience: int = PATIENCE) -> bool:  # noqa: ARG002
        """Wait for nothing."""
        return self.exchanges[-1].client_complete

    def answer_callout(self, cluster: str, number: int, outcome: Outcome) -> bool:  # noqa: ARG002
        """Answer nothing."""
        return False

    def answer_stream(self, stream: str, outcome: Outcome) -> bool:  # noqa: ARG002
        """Answer nothing."""
        return False

    def advance(self, nanoseconds: int) -> None:
        """Let time pass."""

    def reconfigure(self, plugin: str | None, configuration: bytes) -> str | None:  # noqa: ARG002
        """Change nothing."""
        return None

    def restart_vm(self) -> None:
        """Begin nothing."""

    def cancel(self, stream: str) -> None:
        """Give nothing up."""

    def set_shared_data(self, vm_id: str, key: bytes, value: bytes) -> None:
        """Change nothing."""

    def enqueue(self, vm_id: str, queue: str, data: bytes) -> bool:  # noqa: ARG002
        """Fill nothing."""
        return False

    def notes(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def observation(self, stream: str | None = None) -> Observation:  # noqa: ARG002
        """Return all that was seen."""
        traps = [exchange.trap for exchange in self.exchanges if exchange.trap]
        return Observation(
            configured=True,
            upstream=tuple(seen for each in self.exchanges if (seen := _upstream(each))),
            client=_client(self.exchanges[-1]) if self.exchanges else None,
            clients=tuple(map(_client, self.exchanges)),
            logs=tuple(self.host.logs),
            metrics={**self.host.metrics, **self._added()},
            trap=traps[0] if traps else None,
            paused_at=self.exchanges[-1].paused_at if self.exchanges else None,
            unimplemented=self.host.unimplemented,
            hazards=tuple(
                SeenHazard(name=each.kind.name.lower(), words=str(each))
                for each in self.host.hazards
            ),
            trace=self.host.trace,
        )

    def _added(self) -> dict[str, int]:
        """Count from the end of the start, as one has to in an Envoy, where it happens thrice."""
        now = self.host.counters
        return {name: value - self._counted.get(name, 0) for name, value in now.items()}


def _upstream(exchange: Exchange) -> Seen | None:
    if exchange.upstream is None:
        return None
    return Seen(message=exchange.upstream, complete=exchange.upstream_complete)


def _client(exchange: Exchange) -> Seen | None:
    if exchange.client is None:
        return None
    return Seen(
        message=exchange.client, complete=exchange.client_complete, details=exchange.details
    )
