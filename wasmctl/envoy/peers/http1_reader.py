"""HTTP/1.1 messages on their way in: h11 reads them, a fresh one for each message."""

from collections.abc import Iterator

import h11

from wasmctl.messages import Pair

# Larger than all headers that Envoy lets pass.
_HEADERS_SIZE = 4 * 1024 * 1024

Event = (
    h11.Request
    | h11.InformationalResponse
    | h11.Response
    | h11.Data
    | h11.EndOfMessage
    | h11.ConnectionClosed
)
BrokenError = h11.RemoteProtocolError


class Http1Reader:
    """The reading half of a connection.

    Attributes:
        keeps: whether another message may follow the last one.

    """

    def __init__(self, *, is_client: bool) -> None:
        self.keeps = True
        self._is_client = is_client
        self._http1 = _expecting(b"GET") if is_client else _reading()

    def expect(self, method: bytes = b"GET") -> None:
        """Read the answer to a request by ``method``: to HEAD it has no body, to others it may."""
        self._http1 = _expecting(method)

    def feed(self, content: bytes) -> Iterator[Event]:
        """Yield what ``content`` completes; no bytes: the connection has ended.

        Raises BrokenError where it is not HTTP/1.1, or ends in the middle of a message.
        """
        self._http1.receive_data(content)
        while isinstance(event := self._http1.next_event(), Event):
            yield event
            if isinstance(event, h11.ConnectionClosed):
                return
            if isinstance(event, h11.EndOfMessage):
                self._renew()

    def _renew(self) -> None:
        self.keeps = self._http1.their_state is h11.DONE
        if not self._is_client:
            rest, _ = self._http1.trailing_data
            self._http1 = _reading()
            if rest:  # no bytes would say that the connection has ended
                self._http1.receive_data(rest)


def request_pairs(event: h11.Request) -> tuple[Pair, ...]:
    """Return the first line and the headers of a request as pairs, ``host`` as authority."""
    found = pairs(event)
    hosts = [(b":authority", value) for name, value in found if name.lower() == b"host"]
    first = [(b":method", event.method), *hosts, (b":path", event.target)]
    return (*first, *(pair for pair in found if pair[0].lower() != b"host"))


def response_pairs(event: h11.Response) -> tuple[Pair, ...]:
    """Return the first line and the headers of a response as pairs."""
    return ((b":status", b"%d" % event.status_code), *pairs(event))


def pairs(event: h11.Request | h11.Response | h11.EndOfMessage) -> tuple[Pair, ...]:
    """Return headers, or trailers, as they were written."""
    return tuple((bytes(name), bytes(value)) for name, value in event.headers.raw_items())


def _reading() -> h11.Connection:
    return h11.Connection(h11.SERVER, _HEADERS_SIZE)


def _expecting(method: bytes) -> h11.Connection:
    """Return a client that believes that it has sent a request: it was written elsewhere."""
    client = h11.Connection(h11.CLIENT, _HEADERS_SIZE)
    client.send(h11.Request(method=method, target="/", headers=[("host", "peer")]))
    client.send(h11.EndOfMessage())
    return client
