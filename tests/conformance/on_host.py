"""A case on the embedded host."""

from collections import defaultdict

from tests.conformance import normalised
from tests.conformance.case import Case, Exchange, Filter
from tests.conformance.seen import Seen, Side
from wasmctl.host import Exchange as Exchanged
from wasmctl.host import Host, LoadError, trace
from wasmctl.messages import Message
from wasmctl.records import Trap


class PendingError(Exception):
    """The host cannot play this yet."""


def play(case: Case) -> Seen:
    """Return what the host shows of a case."""
    try:
        with _started(case) as host:
            exchanged = [_play(host, step) for step in case.steps]
            metrics = normalised.metrics(host.metrics)
        return _seen(host, exchanged, metrics)
    except LoadError as error:
        logs = tuple(map(normalised.log, error.logs))
        return Seen(refusal=error.message, logs=logs, trap=_trap(error.trap))


def _started(case: Case) -> Host:
    if len(case.filters) != 1:
        raise PendingError
    (only,) = case.filters
    _refuse_unknown(case, only)
    return Host.start(
        only.code,
        configuration=only.configuration,
        name=only.name or "0",
        root_id=only.root_id,
        vm_id=case.vm_id(only),
        vm_configuration=only.vm_configuration,
        environment=only.environment,
        trace=True,
    )


def _refuse_unknown(case: Case, only: Filter) -> None:
    unknown = (only.fail_open, only.failure_policy, only.capabilities, case.limit)
    if any(unknown) or only.allow_on_headers_stop_iteration:
        raise PendingError


def _play(host: Host, step: object) -> Exchanged:
    if not isinstance(step, Exchange) or step.reply.message is None or step.reply.failure:
        raise PendingError
    return host.http(step.request, step.reply.message)


def _seen(host: Host, exchanged: list[Exchanged], metrics: dict[str, int]) -> Seen:
    return Seen(
        trace=normalised.trace(trace.envoy_lines(host.trace)),
        logs=tuple(map(normalised.log, host.logs)),
        client=tuple(_side(each.client, each.client_complete) for each in exchanged),
        upstream=normalised.whole(
            side
            for each in exchanged
            if (side := _side(each.upstream, each.upstream_complete)) is not None
        ),
        callouts=defaultdict(tuple),
        metrics=metrics,
        trap=_trap(host.trap),
    )


def _trap(trap: Trap | None) -> str | None:
    """Return a trap's kind and place; of what a start section does, Envoy tells nothing."""
    return f"{trap.kind} in {trap.callback}" if trap and trap.callback != "start" else None


def _side(message: Message | None, complete: bool) -> Side | None:  # noqa: FBT001 - two callers
    if message is None:
        return None
    return Side(message=normalised.message(message), complete=complete)
