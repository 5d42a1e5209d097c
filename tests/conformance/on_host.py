"""A case on the embedded host."""

import contextlib
from collections.abc import Mapping

from tests.conformance import normalised
from tests.conformance.case import Case, Exchange, Filter, Reconfigure, Step, Together, Wait
from tests.conformance.seen import Seen, Side
from wasmctl.host import Exchange as Exchanged
from wasmctl.host import Host, LoadError, trace
from wasmctl.host.callout import Callout
from wasmctl.host.settings import FailurePolicy, PluginSettings
from wasmctl.messages import Message
from wasmctl.outcomes import Failure, Outcome
from wasmctl.records import Trap

_MILLISECOND = 1_000_000
_PATIENCE = 5000 * _MILLISECOND
_ORIGIN = "upstream"


def play(case: Case) -> Seen:
    """Return what the host shows of a case."""
    clusters = _Clusters(case.first_callouts)
    settings = [_settings(case, each, at) for at, each in enumerate(case.filters)]
    try:
        with Host.chain(
            settings, trace=True, clusters=clusters.all, buffer_limit=case.limit or 1 << 20
        ) as host:
            exchanged = [each for step in case.steps for each in _play(host, step, clusters)]
            metrics = normalised.metrics(host.metrics)
        return _seen(host, exchanged, metrics)
    except LoadError as error:
        logs = tuple(map(normalised.log, error.logs))
        return Seen(refusal=error.message, logs=logs, trap=_trap(error.trap))


class _Clusters:
    """What becomes of callouts, as the exchange that goes on says."""

    def __init__(self, first: Mapping[str, Outcome]) -> None:
        self.outcomes = dict(first)
        self.all = {
            "callout": self._answer,
            "refused": lambda _callout: Outcome(failure=Failure.REFUSED),
        }

    def _answer(self, callout: Callout) -> Outcome:
        return self.outcomes.get(callout.to, Outcome(held=True))


def _settings(case: Case, plugin: Filter, at: int) -> PluginSettings:
    return PluginSettings(
        plugin=plugin.code,
        name=plugin.name or str(at),
        root_id=plugin.root_id,
        configuration=plugin.configuration,
        vm_id=case.vm_id(plugin),
        vm_configuration=plugin.vm_configuration,
        environment=plugin.environment,
        fail_open=plugin.fail_open,
        failure_policy=FailurePolicy(plugin.failure_policy or "FAIL_CLOSED"),
        allow_on_headers_stop_iteration=plugin.allow_on_headers_stop_iteration,
        capabilities=plugin.capabilities,
    )


def _play(host: Host, step: Step, clusters: _Clusters) -> list[Exchanged]:
    clusters.outcomes.update(step.callouts)
    match step:
        case Wait():
            host.advance(step.milliseconds * _MILLISECOND)
        case Reconfigure():
            with contextlib.suppress(LoadError):
                host.reconfigure("0", step.configuration)
        case Exchange():
            return [host.http(step.request, step.reply)]
        case Together():
            return _together(host, step)
    return []


def _together(host: Host, step: Together) -> list[Exchanged]:
    streams = []
    for exchange in step.exchanges:
        streams.append(host.send(exchange.request, exchange.reply))
        host.advance(100 * _MILLISECOND)
    host.wait(lambda: all(stream.is_over for stream in streams), _PATIENCE)
    for stream in streams:
        stream.cancel()
    return [stream.exchange() for stream in streams]


def _seen(host: Host, exchanged: list[Exchanged], metrics: dict[str, int]) -> Seen:
    reached = (_side(each.upstream, complete=each.upstream_complete) for each in exchanged)
    return Seen(
        trace=normalised.trace(trace.envoy_lines(host.trace)),
        logs=tuple(map(normalised.log, host.logs)),
        client=tuple(_side(each.client, complete=each.client_complete) for each in exchanged),
        upstream=normalised.whole(each for each in reached if each),
        callouts=_callouts(host),
        metrics=metrics,
        trap=_trap(host.trap),
        hazards=(*(hazard.kind.name for hazard in host.hazards), *_hangs(exchanged)),
    )


def _hangs(exchanged: list[Exchanged]) -> list[str]:
    return ["HANGS" for each in exchanged if each.paused_at]


def _callouts(host: Host) -> dict[str, tuple[Message, ...]]:
    found: dict[str, tuple[Message, ...]] = {}
    for callout in host.callouts:
        if callout.to not in ("refused", _ORIGIN):
            message = normalised.joined(normalised.message(callout.message))
            found[callout.to] = (*found.get(callout.to, ()), message)
    return found


def _trap(trap: Trap | None) -> str | None:
    """Return a trap's kind and place; of what a start section does, Envoy tells nothing."""
    return f"{trap.kind} in {trap.callback}" if trap and trap.callback != "start" else None


def _side(message: Message | None, *, complete: bool) -> Side | None:
    if message is None:
        return None
    return Side(message=normalised.message(message), complete=complete)
