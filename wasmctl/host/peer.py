"""An end of a stream: the upstream, or the client, and what it has received."""

from wasmctl.host.header_map import HeaderMap
from wasmctl.messages import FRAME_SIZE, Message


def _cut(content: bytes) -> list[bytes]:
    return [content[at : at + FRAME_SIZE] for at in range(0, len(content), FRAME_SIZE)]


class Peer:
    """Collects one message as it comes out of a lane.

    Attributes:
        headers: the headers received, or None.
        trailers: the trailers received, or None.
        complete: whether the end came.

    """

    __slots__ = ("_chunks", "complete", "headers", "trailers")

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self.headers: HeaderMap | None = None
        self.trailers: HeaderMap | None = None
        self.complete = False

    def receive_headers(self, headers: HeaderMap, *, ends: bool) -> None:
        """Take the headers."""
        self.headers = headers
        self.complete = ends

    def receive_body(self, content: bytes, *, ends: bool) -> None:
        """Take a frame of the body; one without bytes can only end it."""
        if len(content) > FRAME_SIZE:
            self._chunks += _cut(content)
        elif content:
            self._chunks.append(content)
        self.complete = ends

    def receive_trailers(self, trailers: HeaderMap) -> None:
        """Take the trailers."""
        self.trailers = trailers
        self.complete = True

    @property
    def body_size(self) -> int:
        """Bytes of the body received so far."""
        return sum(map(len, self._chunks))

    @property
    def message(self) -> Message | None:
        """The message, as far as it came."""
        if self.headers is None:
            return None
        return Message(
            headers=self.headers.pairs,
            chunks=tuple(self._chunks),
            trailers=self.trailers.pairs if self.trailers else (),
        )
