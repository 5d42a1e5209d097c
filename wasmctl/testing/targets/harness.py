"""The embedded host as a target: fresh VMs for each test, in this process."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wasmctl.abi.types import LogLevel
from wasmctl.host import Host, Limits, LoadError
from wasmctl.host.clock import Clock
from wasmctl.host.settings import FailurePolicy, PluginSettings
from wasmctl.testing.observation import Aspect, Observation
from wasmctl.testing.targets import framing
from wasmctl.testing.targets.base import (
    Ability,
    FailPolicy,
    PluginSetup,
    Session,
    Setup,
    Stage,
    Surroundings,
)
from wasmctl.testing.targets.harness_session import HostSession
from wasmctl.testing.targets.harness_upstreams import HostUpstreams
from wasmctl.testing.targets.refused import RefusedSession

_SECOND = 1_000_000_000
_POLICIES = {
    FailPolicy.CLOSED: FailurePolicy.FAIL_CLOSED,
    FailPolicy.OPEN: FailurePolicy.FAIL_OPEN,
    FailPolicy.RELOAD: FailurePolicy.FAIL_RELOAD,
}


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

    def has_property(self, path: tuple[str, ...]) -> bool:
        """Return True: all that a scenario file may name."""
        del path
        return True

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
        """Start the plugins; in the session of refused ones nothing is sent."""
        upstreams = HostUpstreams(setup.upstreams)
        around = setup.surroundings
        try:
            host = Host.chain(
                [_settings(one, setup.key) for one in setup.plugins],
                limits=_limits(around),
                cache=self.cache,
                log_level=around.log_level or LogLevel.TRACE,
                seed=around.seed,
                trace=self.trace or setup.trace,
                clusters=upstreams.clusters,
                shared_data=setup.shared_data,
                properties=setup.properties,
                clock=Clock() if around.clock is None else Clock(around.clock),
                buffer_limit=framing.buffer_limit(around.buffer_limit),
            )
        except LoadError as error:
            yield RefusedSession(_refusal(error))
            return
        with host:
            yield HostSession(host, setup, upstreams)


def _limits(around: Surroundings) -> Limits:
    usual = Limits()
    return Limits(
        memory=usual.memory if around.memory is None else around.memory,
        fuel=usual.fuel if around.fuel is None else around.fuel,
        seconds=usual.seconds if around.wall is None else around.wall / _SECOND,
    )


def _settings(one: PluginSetup, key: str) -> PluginSettings:
    usual = PluginSettings(plugin=one.plugin)
    return PluginSettings(
        plugin=one.plugin,
        name=one.name or key,
        root_id=one.root_id,
        configuration=one.configuration,
        vm_id=one.vm_id,
        vm_configuration=one.vm_configuration,
        environment=one.environment,
        fail_open=bool(one.fail_open),
        failure_policy=_POLICIES[one.fail_policy] if one.fail_policy else usual.failure_policy,
        reload_backoff=one.reload_backoff or usual.reload_backoff,
        allow_on_headers_stop_iteration=bool(one.allow_on_headers_stop_iteration),
        capabilities=one.capabilities,
    )


def _refusal(error: LoadError) -> Observation:
    return Observation(
        configured=False,
        load_error=error.message,
        logs=error.logs,
        trap=error.trap,
        trace=error.trace,
    )
