"""What an upstream does with a request: it answers, fails, waits, or is told later.

The embedded host and the scripted upstreams behind a real Envoy both take these values.
"""

from dataclasses import dataclass
from enum import StrEnum

from wasmctl.messages import Message


class Failure(StrEnum):
    """How an upstream can fail."""

    RESET = "reset"  # it resets the stream before it answers; with a message: after its headers
    TIMEOUT = "timeout"  # it never answers, and whoever waits gives up
    REFUSED = "refused"  # nobody listens at its port
    NO_HEALTHY = "no_healthy"  # the cluster has no host to choose


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What becomes of one request.

    Attributes:
        message: the answer; with a failure, how far it gets.
        failure: how it fails, if it does.
        delay: nanoseconds from the end of the request to the answer or failure.
        held: nothing happens until somebody says what.

    """

    message: Message | None = None
    failure: Failure | None = None
    delay: int = 0
    held: bool = False


HELD = Outcome(held=True)


def reply(message: Message, *, delay: int = 0) -> Outcome:
    """Answer with a message."""
    return Outcome(message=message, delay=delay)
