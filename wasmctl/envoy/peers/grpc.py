"""gRPC as HTTP/2 messages: each message of a call is one chunk (gRPC over HTTP2, the protocol).

Metadata are headers and trailers; the status is a trailer, or a header where there is nothing else.
So every script that sends a message sends gRPC as well, unary or stream.
"""

from dataclasses import dataclass
from enum import IntEnum
from urllib.parse import quote_from_bytes, unquote_to_bytes

from wasmctl import messages
from wasmctl.messages import Message, Pair

_CONTENT_TYPE = (b"content-type", b"application/grpc")
_TRAILERS = (b"te", b"trailers")  # codespell:ignore te
_STATUS = b"grpc-status"
_TEXT = b"grpc-message"
_PREFIX = 5  # one byte of flags, four of length
# Percent-encoded in grpc-message is what is not printable ASCII, and the percent sign.
_PLAIN = "".join(chr(code) for code in range(0x20, 0x7F) if code != ord("%"))


class Status(IntEnum):
    """How a call has ended."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


@dataclass(frozen=True, kw_only=True)
class Call:
    """What one side of a call has said.

    Attributes:
        messages: those that are whole.
        rest: what is left of the body: the beginning of another message.
        status: None where none was told, or no number.
        text: the status's text, decoded.

    """

    messages: tuple[bytes, ...]
    rest: bytes = b""
    status: int | None = None
    text: bytes = b""


def frame(message: bytes, *, is_compressed: bool = False) -> bytes:
    """Return a message with its prefix."""
    return bytes([is_compressed]) + len(message).to_bytes(4) + message


def request(
    service: str,
    method: str,
    *contents: bytes,
    authority: str = "example.test",
    metadata: tuple[Pair, ...] = (),
) -> Message:
    """Return a call with its messages, one for a unary call."""
    return messages.request(
        f"/{service}/{method}",
        method="POST",
        authority=authority,
        headers=(_CONTENT_TYPE, _TRAILERS, *metadata),
        chunks=tuple(frame(content) for content in contents),
    )


def response(
    *contents: bytes,
    initial: tuple[Pair, ...] = (),
    trailing: tuple[Pair, ...] = (),
    status: int = Status.OK,
    text: bytes = b"",
) -> Message:
    """Return an answer with its messages, its metadata before and after them, and its status."""
    return messages.response(
        headers=(_CONTENT_TYPE, *initial),
        chunks=tuple(frame(content) for content in contents),
        trailers=(*_ending(status, text), *trailing),
    )


def failure(status: int, text: bytes = b"", *, metadata: tuple[Pair, ...] = ()) -> Message:
    """Return an answer that is nothing but a status: it has headers only."""
    return messages.response(headers=(_CONTENT_TYPE, *_ending(status, text), *metadata))


def call(message: Message) -> Call:
    """Read what one side has said."""
    contents, rest = _unframed(message.body)
    told = dict(message.headers) | dict(message.trailers)
    status = told.get(_STATUS, b"")
    return Call(
        messages=contents,
        rest=rest,
        status=int(status) if status.isdigit() else None,
        text=unquote_to_bytes(told.get(_TEXT, b"")),
    )


def _ending(status: int, text: bytes) -> tuple[Pair, ...]:
    told = ((_TEXT, quote_from_bytes(text, safe=_PLAIN).encode()),) if text else ()
    return ((_STATUS, b"%d" % status), *told)


def _unframed(body: bytes) -> tuple[tuple[bytes, ...], bytes]:
    found = []
    while len(body) >= _PREFIX:
        end = _PREFIX + int.from_bytes(body[1:_PREFIX])
        if len(body) < end:
            break
        found.append(body[_PREFIX:end])
        body = body[end:]
    return tuple(found), body
