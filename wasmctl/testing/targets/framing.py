"""How HTTP/1.1 cuts a body, for a host that knows only frames.

Envoy reads a body of HTTP/1.1 as it arrives and learns of its end afterwards: the end is a frame
of its own, without bytes. Chunks that arrive together are one frame. Measured on Envoy 1.40.
"""

from dataclasses import replace

from wasmctl.messages import Message
from wasmctl.outcomes import Outcome
from wasmctl.testing.targets.base import Sending

_HTTP1 = "1.1"


def request(sending: Sending) -> Message:
    """Return a request as Envoy takes it from the client."""
    message = sending.request
    if sending.version != _HTTP1:
        return message
    chunks = message.chunks if sending.gap else _joined(message.chunks)
    return _framed(message, chunks)


def origin(outcome: Outcome, version: str) -> Outcome:
    """Return what an upstream does as Envoy takes it."""
    message = outcome.message
    if version != _HTTP1 or message is None:
        return outcome
    return replace(outcome, message=_framed(message, _joined(message.chunks)))


def _joined(chunks: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return (b"".join(chunks),) if chunks else ()


def _framed(message: Message, chunks: tuple[bytes, ...]) -> Message:
    if not chunks or message.trailers:
        return replace(message, chunks=chunks)
    return replace(message, chunks=(*chunks, b""))
