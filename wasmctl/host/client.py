"""The end of the response's lane: what Envoy does to a response on its way to the client.

Headers written while the client's own frames are being taken have not left yet: a reset in the
same moment takes them along, and the client gets nothing (Envoy source/common/http/http2/
codec_impl.cc, ``sendPendingFrames``; measured on Envoy 1.40).
"""

from typing import Protocol

from wasmctl.host import edge
from wasmctl.host.clock import Clock
from wasmctl.host.gate import RESPONSE, Direction
from wasmctl.host.hazards import HazardKind
from wasmctl.host.header_map import HeaderMap
from wasmctl.host.local_reply import LocalReply
from wasmctl.host.peer import Peer
from wasmctl.messages import Message


class Stream(Protocol):
    """What a client's end needs of its stream."""

    @property
    def is_dispatching(self) -> bool:
        """Whether frames of the client are being taken now."""

    def reply_locally(self, reply: LocalReply) -> None:
        """Answer with another response."""

    def compare_length(self, direction: Direction, peer: Peer) -> None:
        """Compare what a whole message says of its length with its length."""

    def finish(self) -> None:
        """End."""

    def report(self, kind: HazardKind, callback: str) -> None:
        """Take note of a mistake."""


class ClientEnd:
    """Where responses of ``stream`` go.

    Attributes:
        peer: what the client received.
        status: of the response that began, as it is sent or, until then, as it came.

    """

    __slots__ = ("_clock", "_is_lost", "_stream", "_was_pending", "peer", "status")

    def __init__(self, stream: Stream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock
        self._was_pending = False
        self._is_lost = False
        self.peer = Peer()
        self.status: int | None = None

    @property
    def message(self) -> Message | None:
        """The response, as far as it reached the client."""
        return None if self._is_lost else self.peer.message

    def receive_headers(self, headers: HeaderMap, *, ends: bool) -> None:
        """Send the headers, unless they are not fit for that."""
        if self.peer.headers is not None:
            self._stream.report(HazardKind.RESPONSE_TWICE, RESPONSE.headers)
            return
        refusal = edge.check_response(headers)
        if refusal is not None:
            self._stream.reply_locally(refusal)
        else:
            self.send_headers(headers, ends=ends)

    def send_headers(self, headers: HeaderMap, *, ends: bool) -> None:
        """Send headers that need no check."""
        if headers.is_changed and edge.is_unsafe(headers):
            self._stream.report(HazardKind.SPLIT_RESPONSE, RESPONSE.headers)
        edge.finish(headers, self._clock.seconds)
        self.status = edge.status_of(headers)
        self._was_pending = self._stream.is_dispatching
        self.peer.receive_headers(headers, ends=ends)
        if ends:
            self._stream.finish()

    def receive_body(self, content: bytes, *, ends: bool) -> None:
        """Send a frame of the body."""
        self.peer.receive_body(content, ends=ends)
        if ends:
            self._stream.compare_length(RESPONSE, self.peer)
            self._stream.finish()

    def receive_trailers(self, trailers: HeaderMap) -> None:
        """Send the trailers."""
        self.peer.receive_trailers(trailers)
        self._stream.compare_length(RESPONSE, self.peer)
        self._stream.finish()

    def reset(self) -> None:
        """Cut the response, with what has not left yet."""
        self._is_lost = self._was_pending and self._stream.is_dispatching

    def forget(self) -> None:
        """Let go all that leads back here."""
        del self._stream
