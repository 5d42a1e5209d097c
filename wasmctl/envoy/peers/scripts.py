"""Scripts for what is wanted most: a message as it was cut, and the ways in which upstreams fail.

A script is a tuple of parts: put more before, between or behind them for anything else.
"""

from collections.abc import Iterator

from wasmctl.envoy.peers.parts import (
    INTERNAL_ERROR,
    Await,
    Data,
    Headers,
    Hold,
    Part,
    Pause,
    Raw,
    Reset,
    Script,
)
from wasmctl.messages import Message, frames

# What every HTTP/2 receiver takes (RFC 9113, section 4.2).

_GARBAGE = b"this is not HTTP\r\n\r\n"


def cut(message: Message, *, gap: float = 0.0, bare_end: bool = False) -> Script:
    """Return the script that sends a message, the end with its last part.

    Args:
        message: each of its chunks is one part, or more where it is larger than a frame may be.
        gap: the seconds between two pieces of the body.
        bare_end: whether the end comes on its own, in a DATA frame without data.

    """
    body = [Data(content=piece) for chunk in message.chunks for piece in frames(chunk)]
    trailers = [Headers(pairs=message.trailers)] if message.trailers else []
    bare = [Data(content=b"")] if bare_end else []
    parts = [Headers(pairs=message.headers), *_spaced(body, gap), *bare, *trailers]
    return (*parts[:-1], _ended(parts[-1]))


def open_ended(message: Message, *, gap: float = 0.0) -> Script:
    """Return the script that sends a message without its end: more will follow, or nothing."""
    *parts, last = cut(message, gap=gap)
    return (*parts, _ended(last, end=False))


def reply(message: Message, *, delay: float = 0.0, gap: float = 0.0) -> Script:
    """Return the script that answers a request when it is whole."""
    return (*_delayed(delay), *cut(message, gap=gap))


def early_reply(message: Message, *, gap: float = 0.0) -> Script:
    """Return the script that answers a request as soon as it has begun."""
    return cut(message, gap=gap)


def silence() -> Script:
    """Return the script that never answers: what makes a timeout."""
    return ()


def hold() -> Script:
    """Return the script that answers when, and what, it is told to."""
    return (Hold(),)


def reset(code: int = INTERNAL_ERROR, *, delay: float = 0.0) -> Script:
    """Return the script that resets the stream instead of answering a request."""
    return (*_delayed(delay), Reset(code=code))


def reset_after(message: Message, code: int = INTERNAL_ERROR, *, gap: float = 0.0) -> Script:
    """Return the script that begins an answer, and resets the stream before its end.

    ``gap`` are the seconds between the two; without them the reset may overtake what it follows.
    """
    return (Await(), *open_ended(message, gap=gap), *_pause(gap), Reset(code=code))


def garbage(content: bytes = _GARBAGE) -> Script:
    """Return the script that answers a request with bytes of no protocol."""
    return (Await(), Raw(content=content))


def _spaced(parts: list[Data], gap: float) -> Iterator[Part]:
    for number, part in enumerate(parts):
        if number:
            yield from _pause(gap)
        yield part


def _pause(seconds: float) -> Script:
    return (Pause(seconds=seconds),) if seconds else ()


def _delayed(seconds: float) -> Script:
    return (Await(), *_pause(seconds))


def _ended(part: Part, *, end: bool = True) -> Part:
    match part:
        case Headers():
            return Headers(pairs=part.pairs, end=end)
        case Data():
            return Data(content=part.content, end=end)
        case _:
            return part
