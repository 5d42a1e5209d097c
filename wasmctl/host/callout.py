"""A callout: a request of a plugin's own, and what came of it."""

from dataclasses import dataclass
from enum import StrEnum

from wasmctl.host.body import Body
from wasmctl.host.header_map import HeaderMap
from wasmctl.messages import Message


class CalloutState(StrEnum):
    """How far a callout is."""

    PENDING = "pending"
    ANSWERED = "answered"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"  # its plugin has ended


@dataclass(frozen=True, kw_only=True)
class Callout:
    """One callout, as it was at one moment.

    Attributes:
        number: its place among all of the host, from 0.
        to: the cluster.
        message: as the upstream sees it.
        timeout: milliseconds; 0 is none.
        plugin: the name of the plugin that made it.
        token: by which the plugin knows it; each machine counts its own.

    """

    number: int
    to: str
    message: Message
    timeout: int
    plugin: str
    token: int
    state: CalloutState = CalloutState.PENDING


@dataclass(frozen=True, kw_only=True)
class CalloutResponse:
    """What a plugin sees of a callout's response, Envoy's own replies included.

    Attributes:
        trailers: None where it has none, which is not the same as an empty map.

    """

    headers: HeaderMap
    body: Body
    trailers: HeaderMap | None
