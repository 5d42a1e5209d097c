"""What a target saw of one test, in values that do not tell which target it was."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from wasmctl.messages import Message
from wasmctl.records import LogLine, Trap

if TYPE_CHECKING:  # it would load the engine, which only the embedded host needs
    from wasmctl.host import TraceRecord

_Key = TypeVar("_Key")


class Aspect(StrEnum):
    """A side from which a target can look at a plugin; an expectation belongs to one."""

    CONFIGURED = "configured"
    LOAD_ERROR = "load_error"
    UPSTREAM = "upstream"
    CLIENT = "client"
    LOCAL_RESPONSE = "local_response"
    CALLOUTS = "callouts"
    LOGS = "logs"
    METRICS = "metrics"
    TRAP = "trap"
    PAUSED_AT = "paused_at"
    TICK_PERIOD = "tick_period"
    SHARED_DATA = "shared_data"
    QUEUES = "queues"
    HAZARDS = "hazards"
    HOSTCALLS = "hostcalls"
    TIME = "time"
    FUEL = "fuel"
    MEMORY = "memory"
    SIZE = "size"


# What only the embedded host can look into.
INSIDE = frozenset({Aspect.SHARED_DATA, Aspect.QUEUES, Aspect.HAZARDS, Aspect.FUEL, Aspect.MEMORY})


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A message as a peer saw it; ``complete`` is False where its end never came.

    Attributes:
        details: of a response: why it is what it is, as Envoy's ``response.code_details`` has it;
            None where the target cannot tell.

    """

    message: Message
    complete: bool = True
    details: str | None = None


@dataclass(frozen=True, kw_only=True)
class Callout:
    """A request that the plugin made itself.

    Attributes:
        kind: ``http``, ``grpc_call`` or ``grpc_stream``.
        to: the cluster.
        message: as the upstream sees it; for gRPC the message is the body.
        timeout: in milliseconds; None where the target cannot tell.
        state: ``pending``, ``answered``, ``failed``, ``timed_out`` or ``cancelled``; None where
            the target cannot tell.
        plugin: which of several made it; empty where the target cannot tell.

    """

    kind: str
    to: str
    message: Message
    timeout: int | None = None
    state: str | None = None
    plugin: str = ""


@dataclass(frozen=True, kw_only=True)
class SeenHazard:
    """A mistake that passed unseen here and would hurt a real proxy: its name, and a sentence."""

    name: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Observation:
    """Everything one session showed since its plugin started.

    Attributes:
        configured: whether the plugin started and took its configuration.
        plugins: their names, where they have any, in the order in which requests meet them.
        load_error: where it did not, the reason in Envoy's words.
        sent: for each request that was sent, in order, the request, and what the upstream was to
            answer; None where it was to answer nothing, or the request came part by part.
        upstream: the requests that reached the upstream, in order.
        client: the response the client got last; None where it got none.
        clients: for each request that was sent, in order, what its client got.
        callouts: the requests that the plugin made itself, in order.
        logs: the plugin's own messages in the VM that served the requests (on Envoy, the
            worker's: a plugin is started two times more before), the start included.
        metrics: gauges with their value, counters with what was added since the start.
        trap: what ended the plugin, if anything did.
        paused_at: the callback in which the plugin stopped the stream for good, if it did and the
            target can tell.
        tick_period: in milliseconds; 0 where the plugin has no ticks.
        shared_data: by key.
        queues: by name, what waits in them.
        unimplemented: the hostcalls that the plugin called and this target does not have, though
            the specification does.
        hazards: in order.
        hostcalls: how often each was called, by name.
        elapsed: milliseconds since the plugin's start.
        fuel: what the plugin consumed.
        pages: of the plugin's linear memory, 64 KiB each.
        growth: how many of them were added since the plugin's start.
        size: bytes of the module.
        trace: every call between host and plugin, where the target was asked for it.
        calls: the same as Envoy prints them, where the target has no more.

    """

    configured: bool
    plugins: tuple[str, ...] = ()
    load_error: str | None = None
    sent: tuple[tuple[Message | None, Message | None], ...] = ()
    upstream: tuple[Seen, ...] = ()
    client: Seen | None = None
    clients: tuple[Seen | None, ...] = ()
    callouts: tuple[Callout, ...] = ()
    logs: tuple[LogLine, ...] = ()
    metrics: Mapping[str, int] = field(default_factory=dict)
    trap: Trap | None = None
    paused_at: str | None = None
    tick_period: int = 0
    shared_data: Mapping[bytes, bytes] = field(default_factory=dict)
    queues: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    unimplemented: tuple[str, ...] = ()
    hazards: tuple[SeenHazard, ...] = ()
    hostcalls: Mapping[str, int] = field(default_factory=dict)
    elapsed: float = 0
    fuel: int = 0
    pages: int = 0
    growth: int = 0
    size: int = 0
    trace: "tuple[TraceRecord, ...]" = ()
    calls: tuple[str, ...] = ()


def since(before: Observation | None, now: Observation) -> Observation:
    """Return what of an observation is new; metrics mean the test as a whole everywhere."""
    if before is None:
        return now
    return replace(
        now,
        sent=now.sent[len(before.sent) :],
        upstream=now.upstream[len(before.upstream) :],
        clients=now.clients[len(before.clients) :],
        callouts=now.callouts[len(before.callouts) :],
        logs=now.logs[len(before.logs) :],
        trap=None if before.trap else now.trap,
        unimplemented=now.unimplemented[len(before.unimplemented) :],
        hazards=now.hazards[len(before.hazards) :],
        hostcalls=_added(before.hostcalls, now.hostcalls),
        elapsed=now.elapsed - before.elapsed,
        fuel=now.fuel - before.fuel,
        growth=now.growth - before.growth,
        trace=now.trace[len(before.trace) :],
        calls=now.calls[len(before.calls) :],
    )


def _added(before: Mapping[_Key, int], now: Mapping[_Key, int]) -> dict[_Key, int]:
    counted = {key: count - before.get(key, 0) for key, count in now.items()}
    return {key: count for key, count in counted.items() if count}
