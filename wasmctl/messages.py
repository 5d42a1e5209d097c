"""HTTP messages as Proxy-Wasm sees them: ordered header pairs, a body in chunks, trailers.

The embedded host, the test client and the scripted upstreams all speak in these values, so that
what one machine saw can be compared with what the other saw.
"""

from collections.abc import Iterator
from dataclasses import dataclass

Pair = tuple[bytes, bytes]

# The most that a frame of HTTP/2 holds, and the least window of a stream, unless both sides agree
# on more (RFC 9113, 4.2 and 6.9.2).
FRAME_SIZE = 16_384
LEAST_WINDOW = 65_535


@dataclass(frozen=True, kw_only=True)
class Message:
    """One request or response.

    Attributes:
        headers: name and value pairs in wire order, pseudo-headers (``:path``, ``:status``)
            first, names in lower case.
        chunks: the body as it was cut; empty where the message has none.
        trailers: pairs in wire order, without pseudo-headers.

    """

    headers: tuple[Pair, ...]
    chunks: tuple[bytes, ...] = ()
    trailers: tuple[Pair, ...] = ()

    @property
    def body(self) -> bytes:
        """The body in one piece."""
        return b"".join(self.chunks)

    @property
    def status(self) -> int | None:
        """The response's status code, or None where it has none that is a number."""
        found = self.values(b":status")
        return int(found[0]) if found and found[0].isdigit() else None

    def values(self, name: bytes) -> tuple[bytes, ...]:
        """Return every value of a header, in order."""
        return tuple(value for key, value in self.headers if key == name)


def frames(chunk: bytes) -> Iterator[bytes]:
    """Cut a chunk into what fits into frames."""
    for start in range(0, len(chunk) or 1, FRAME_SIZE):
        yield chunk[start : start + FRAME_SIZE]


def request(
    path: str,
    *,
    method: str = "GET",
    authority: str = "example.test",
    scheme: str = "http",
    headers: tuple[Pair, ...] = (),
    chunks: tuple[bytes, ...] = (),
    trailers: tuple[Pair, ...] = (),
) -> Message:
    """Return a request with its four pseudo-headers in the order in which HTTP/2 clients send."""
    pseudo = ((":method", method), (":scheme", scheme), (":authority", authority), (":path", path))
    encoded = tuple((name.encode(), value.encode()) for name, value in pseudo)
    return Message(headers=encoded + headers, chunks=chunks, trailers=trailers)


def response(
    status: int = 200,
    *,
    headers: tuple[Pair, ...] = (),
    chunks: tuple[bytes, ...] = (),
    trailers: tuple[Pair, ...] = (),
) -> Message:
    """Return a response with its ``:status``."""
    return Message(
        headers=((b":status", str(status).encode()), *headers), chunks=chunks, trailers=trailers
    )
