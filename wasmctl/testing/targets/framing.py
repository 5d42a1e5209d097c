"""How a connection cuts bodies, for a host that knows only frames.

A frame of HTTP/2 has at most 16,384 bytes, unless both sides agree on more. Envoy reads a body of
HTTP/1.1 as it arrives and learns of its end afterwards: the end is a frame of its own, without
bytes, and chunks that arrive together are one. Measured on Envoy 1.40.
"""

from dataclasses import replace

from wasmctl import messages
from wasmctl.messages import Message, Pair
from wasmctl.outcomes import Outcome
from wasmctl.testing.targets.base import Sending

_HTTP1 = "1.1"
_ORDER = (b":authority", b":path", b":method", b":scheme")
_CHUNKED = (b"transfer-encoding", b"chunked")


def request(sending: Sending) -> Message:
    """Return a request as Envoy takes it from the client."""
    message = sending.request
    if sending.version != _HTTP1:
        return _small(message)
    chunks = message.chunks if sending.gap else _joined(message.chunks)
    # Envoy makes them of the host field and the first line, in this order.
    first = [pair for name in _ORDER for pair in message.headers if pair[0] == name]
    others = [pair for pair in message.headers if pair[0] not in _ORDER]
    return _framed(replace(message, headers=(*first, *others)), chunks)


def origin(outcome: Outcome, version: str) -> Outcome:
    """Return what an upstream does as Envoy takes it."""
    message = outcome.message
    if message is None:
        return outcome
    if version != _HTTP1:
        return replace(outcome, message=_small(message))
    framed = _framed(message, _joined(message.chunks))
    return replace(outcome, message=replace(framed, headers=_told(message)))


def _told(message: Message) -> tuple[Pair, ...]:
    """Return the headers of a response with what they must tell of its length."""
    if message.values(b"content-length"):
        return message.headers
    has_body = message.chunks or message.trailers
    length = _CHUNKED if has_body else (b"content-length", b"0")
    return (*message.headers, length)


def seen(message: Message, version: str) -> Message:
    """Return a message as both protocols can show it: without what belongs to a connection."""
    absent = {_CHUNKED[0]} if version != _HTTP1 else {_CHUNKED[0], b":scheme"}
    kept = tuple(pair for pair in message.headers if pair[0] not in absent)
    return replace(message, headers=kept)


def buffer_limit(wanted: int | None) -> int | None:
    """Return the limit that holds in HTTP/2: that of a stream's window, which has a least size."""
    return None if wanted is None else max(wanted, messages.LEAST_WINDOW)


def _small(message: Message) -> Message:
    """Cut what is larger than a frame may be."""
    if all(len(chunk) <= messages.FRAME_SIZE for chunk in message.chunks):
        return message
    chunks = (piece for chunk in message.chunks for piece in messages.frames(chunk))
    return replace(message, chunks=tuple(chunks))


def _joined(chunks: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return (b"".join(chunks),) if chunks else ()


def _framed(message: Message, chunks: tuple[bytes, ...]) -> Message:
    if not chunks or message.trailers:
        return replace(message, chunks=chunks)
    return replace(message, chunks=(*chunks, b""))
