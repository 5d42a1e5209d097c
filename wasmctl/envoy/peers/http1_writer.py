"""One HTTP/1.1 message on its way out: the bytes of each of its parts (RFC 9112).

They are written by hand, not by h11: tests need messages that contradict themselves, too.
"""

from http import HTTPStatus

from wasmctl.envoy.peers.parts import Data, Headers
from wasmctl.messages import Message, Pair

_END = b"\r\n"
_FRAMING = (b"content-length", b"transfer-encoding")
_CHUNKED = (b"transfer-encoding", b"chunked")
_EMPTY = (b"content-length", b"0")
_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class Http1Writer:
    """The state of a message.

    Attributes:
        closes: whether it says that the connection ends with it.

    """

    def __init__(self) -> None:
        self.closes = False
        self._has_begun = False
        self._is_chunked = False

    def headers(self, part: Headers) -> bytes:
        """Return the first line and the headers, or the trailers with the end before them."""
        if self._has_begun:
            return b"0\r\n" + _lines(part.pairs) + _END
        message = Message(headers=part.pairs)
        # Headers of an interim response (1xx) come before those of the message.
        self._has_begun = (message.status or HTTPStatus.OK) >= HTTPStatus.OK
        fields = [pair for pair in _fields(part.pairs) if not pair[0].startswith(b":")]
        fields += self._framing(message, ends=part.end)
        self._note(fields)
        return _first_line(message) + _lines(fields) + _END

    def data(self, part: Data) -> bytes:
        """Return a piece of the body, with the end where it is the last."""
        if not self._is_chunked:
            return part.content
        size = b"%x\r\n" % len(part.content)
        # A chunk without content would be the last.
        chunk = size + part.content + _END if part.content else b""
        return chunk + (b"0\r\n\r\n" if part.end else b"")

    def _framing(self, message: Message, *, ends: bool) -> list[Pair]:
        if not self._has_begun or _named(message.headers, _FRAMING):
            return []
        if not ends:
            return [_CHUNKED]
        return [_EMPTY] if message.status and message.status not in _BODILESS else []

    def _note(self, fields: list[Pair]) -> None:
        told = {name.lower(): value.lower() for name, value in fields}
        self._is_chunked = told.get(_CHUNKED[0]) == _CHUNKED[1]
        self.closes = told.get(b"connection") == b"close"


def _first_line(message: Message) -> bytes:
    if message.status is None:
        method, path = (b" ".join(message.values(name)) for name in (b":method", b":path"))
        return b"%s %s HTTP/1.1\r\n" % (method, path)
    known = {status.value: status.phrase for status in HTTPStatus}
    return b"HTTP/1.1 %d %s\r\n" % (message.status, known.get(message.status, "").encode())


def _fields(pairs: tuple[Pair, ...]) -> list[Pair]:
    hosts = [(b"host", value) for name, value in pairs if name == b":authority"]
    return [*hosts, *pairs]


def _lines(pairs: tuple[Pair, ...] | list[Pair]) -> bytes:
    return b"".join(b"%s: %s\r\n" % pair for pair in pairs)


def _named(pairs: tuple[Pair, ...], names: tuple[bytes, ...]) -> bool:
    return any(name.lower() in names for name, _ in pairs)
