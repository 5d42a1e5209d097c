"""What a peer is told to do in a stream: a script of parts, performed one after the other.

Client and upstreams play the same parts. A part means in each protocol what comes nearest to it:

=========  =======================  ==========================  =====================
part       HTTP/2                   HTTP/1                      TCP
=========  =======================  ==========================  =====================
Headers    a HEADERS frame          first line and headers,     nothing
                                    later: trailers
Data       one DATA frame           one chunk, or bytes where   bytes
                                    a content-length is told
``end``    END_STREAM               the end of the message      half-close
Reset      RST_STREAM               RST of the connection       RST
=========  =======================  ==========================  =====================

Each part is written on its own: with a ``Pause`` between two they arrive on their own, too.
"""

from dataclasses import dataclass
from enum import StrEnum

from wasmctl.messages import Pair

# Error codes of HTTP/2 (RFC 9113, section 7) that tests have a use for.
NO_ERROR = 0
PROTOCOL_ERROR = 1
INTERNAL_ERROR = 2
REFUSED_STREAM = 7
CANCEL = 8


class Codec(StrEnum):
    """What is spoken on a connection; TCP: bytes without a form."""

    HTTP2 = "http2"
    HTTP1 = "http1"
    TCP = "tcp"


class Stage(StrEnum):
    """How far what the other side sends may have come."""

    HEADERS = "headers"
    END = "end"


@dataclass(frozen=True, kw_only=True)
class Headers:
    """Headers, or trailers where headers were sent before.

    In HTTP/1 ``:method``, ``:path`` and ``:authority`` (or ``:status``) become the first line and
    ``host``. A message with neither ``content-length`` nor ``transfer-encoding`` is chunked; one
    that ends here gets no framing, but a response the ``content-length: 0`` that it needs.
    """

    pairs: tuple[Pair, ...]
    end: bool = False


@dataclass(frozen=True, kw_only=True)
class Data:
    """A piece of the body, at most 16,384 bytes in HTTP/2."""

    content: bytes
    end: bool = False


@dataclass(frozen=True, kw_only=True)
class Raw:
    """Bytes that go out as they are, whatever the protocol says."""

    content: bytes


@dataclass(frozen=True, kw_only=True)
class Pause:
    """Nothing for a while."""

    seconds: float


@dataclass(frozen=True, kw_only=True)
class Await:
    """Nothing until what the other side sends has come so far."""

    stage: Stage = Stage.END


@dataclass(frozen=True, kw_only=True)
class AwaitBody:
    """Nothing until the body received has this size, and contains these bytes."""

    size: int = 0
    content: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Nothing until we are told how to go on."""


@dataclass(frozen=True, kw_only=True)
class Reset:
    """Break the stream off, with a code where the protocol has them."""

    code: int = CANCEL


@dataclass(frozen=True, kw_only=True)
class Close:
    """Close the connection politely, in the middle of whatever goes on there."""


Part = Headers | Data | Raw | Pause | Await | AwaitBody | Hold | Reset | Close
Script = tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What an upstream does with some requests, from the arrival of their headers on.

    Attributes:
        script: what it does; nothing at all where it is empty.
        when: the headers, pseudo-headers included, that a request must have with just these
            values. Finer choices are made by who lets the requests be held, and looks at them.
        times: for how many requests the rule is good; None: for all.

    """

    script: Script
    when: tuple[Pair, ...] = ()
    times: int | None = None
