"""Single callbacks: what is done to the plugin, and what it made of it."""

from dataclasses import dataclass
from enum import StrEnum

from wasmctl.messages import Pair


class Callback(StrEnum):
    """A step at callback altitude, by its word."""

    START = "start"
    STREAM_OPEN = "stream_open"
    REQUEST_HEADERS = "request_headers"
    REQUEST_BODY = "request_body"
    REQUEST_TRAILERS = "request_trailers"
    RESPONSE_HEADERS = "response_headers"
    RESPONSE_BODY = "response_body"
    RESPONSE_TRAILERS = "response_trailers"
    STREAM_CLOSE = "stream_close"
    TICK = "tick"
    SHUTDOWN = "shutdown"


@dataclass(frozen=True, kw_only=True)
class Called:
    """One thing that is done to the plugin.

    Attributes:
        pairs: headers or trailers.
        chunks: parts of a body, each in a callback of its own.
        ends: whether it is the end of the message.

    """

    callback: Callback
    stream: str = "stream"
    pairs: tuple[Pair, ...] = ()
    chunks: tuple[bytes, ...] = ()
    ends: bool = False


@dataclass(frozen=True, kw_only=True)
class CallbackSeen:
    """What a callback made of its message.

    Attributes:
        result: the number that it returned; None where the plugin was not called, or returns
            nothing.
        paused: whether the message stops here; None where there is none.
        pairs: the headers or trailers as it left them; None where there are none.
        body: what of the body went on, or is held.
        ends: whether nothing comes behind what went on.

    """

    result: int | None = None
    paused: bool | None = None
    pairs: tuple[Pair, ...] | None = None
    body: bytes = b""
    ends: bool | None = None
