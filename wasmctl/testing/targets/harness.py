"""The embedded host as a target: a fresh VM for each test, in this process."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wasmctl.host import Exchange, Hazard, Host, Limits, LoadError
from wasmctl.messages import Message
from wasmctl.testing.observation import Aspect, Observation, Seen, SeenHazard
from wasmctl.testing.targets.base import Session, Setup, Stage


class HarnessTarget:
    """The embedded host as a place where tests run.

    Args:
        cache: the folder where compiled modules are kept for the next run; None: nowhere.
        trace: whether to take down every call between host and plugin.

    """

    def __init__(self, cache: Path | None = None, *, trace: bool = False) -> None:
        self.name = "harness"
        self.sees = frozenset(Aspect)
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
        try:
            host = Host.start(
                setup.plugin,
                configuration=setup.configuration,
                root_id=setup.root_id,
                vm_id=setup.vm_id,
                environment=setup.environment,
                limits=Limits(),
                cache=self.cache,
                trace=self.trace,
            )
        except LoadError as error:
            yield _RefusedSession(_refusal(error))
            return
        with host:
            yield _HostSession(host)


def _refusal(error: LoadError) -> Observation:
    return Observation(
        configured=False,
        load_error=error.message,
        logs=error.logs,
        trap=error.trap,
        trace=error.trace,
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


class _HostSession:
    """The session of a plugin that started."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.exchanges: list[Exchange] = []
        self._counted = host.counters

    def exchange(self, request: Message, reply: Message) -> None:
        """Send a request."""
        self.exchanges.append(self.host.http(request, reply))

    def observation(self) -> Observation:
        """Return all that was seen."""
        traps = [exchange.trap for exchange in self.exchanges if exchange.trap]
        return Observation(
            configured=True,
            upstream=tuple(seen for each in self.exchanges if (seen := _upstream(each))),
            client=_client(self.exchanges[-1]) if self.exchanges else None,
            logs=tuple(self.host.logs),
            metrics={**self.host.metrics, **self._added()},
            trap=traps[0] if traps else None,
            paused_at=self.exchanges[-1].paused_at if self.exchanges else None,
            unimplemented=self.host.unimplemented,
            hazards=tuple(map(_hazard, self.host.hazards)),
            trace=self.host.trace,
        )

    def _added(self) -> dict[str, int]:
        """Count from the end of the start, as one has to in an Envoy, where it happens thrice."""
        now = self.host.counters
        return {name: value - self._counted.get(name, 0) for name, value in now.items()}


def _hazard(hazard: Hazard) -> SeenHazard:
    return SeenHazard(name=hazard.kind.name.lower(), words=str(hazard))


def _upstream(exchange: Exchange) -> Seen | None:
    if exchange.upstream is None:
        return None
    return Seen(message=exchange.upstream, complete=exchange.upstream_complete)


def _client(exchange: Exchange) -> Seen | None:
    if exchange.client is None:
        return None
    return Seen(message=exchange.client, complete=exchange.client_complete)
