"""What a target saw of one test, in values that do not tell which target it was."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from wasmctl.messages import Message
from wasmctl.records import LogLine, Trap


class Aspect(StrEnum):
    """A side from which a target can look at a plugin; an expectation belongs to one."""

    CONFIGURED = "configured"
    UPSTREAM = "upstream"
    CLIENT = "client"
    LOGS = "logs"
    METRICS = "metrics"
    TRAP = "trap"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A message as a peer saw it; ``complete`` is False where its end never came."""

    message: Message
    complete: bool = True


@dataclass(frozen=True, kw_only=True)
class Observation:
    """Everything one session showed since its plugin started.

    Attributes:
        configured: whether the plugin started and took its configuration.
        load_error: where it did not, the reason in the target's words.
        upstream: the requests that reached the upstream, in order.
        client: the response the client got; None where it got none.
        logs: the plugin's own messages in the VM that served the requests (on Envoy, the
            worker's: a plugin is started two times more before), the start included.
        metrics: gauges with their value, counters with what was added since the start.
        trap: what ended the plugin, if anything did.
        paused_at: the callback in which the plugin stopped the stream for good, if it did and the
            target can tell.
        unimplemented: the hostcalls that the plugin called and this target does not have, though
            the specification does.
        hazards: mistakes that passed unseen here and would hurt a real proxy, each in a sentence.

    """

    configured: bool
    load_error: str | None = None
    upstream: tuple[Seen, ...] = ()
    client: Seen | None = None
    logs: tuple[LogLine, ...] = ()
    metrics: Mapping[str, int] = field(default_factory=dict)
    trap: Trap | None = None
    paused_at: str | None = None
    unimplemented: tuple[str, ...] = ()
    hazards: tuple[str, ...] = ()
