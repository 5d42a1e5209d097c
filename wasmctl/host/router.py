"""Behind the last plugin: the route, the connection to the upstream, and what comes back.

The connection of each stream is a new one, so what a request brings at once has passed the plugins
before the first byte leaves, and an early reply of theirs leaves the upstream with nothing.
Source: Envoy source/common/router/router.cc, source/common/router/upstream_request.cc; the words
and details were measured on Envoy 1.40.
"""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from wasmctl.host import edge, local_reply
from wasmctl.host.gate import REQUEST, Direction
from wasmctl.host.hazards import HazardKind
from wasmctl.host.header_map import HeaderMap
from wasmctl.host.local_reply import LocalReply
from wasmctl.host.loop import Loop, Timer
from wasmctl.host.peer import Peer
from wasmctl.messages import Message
from wasmctl.outcomes import Failure, Outcome


class Stream(Protocol):
    """What a router needs of its stream."""

    def reply_locally(self, reply: LocalReply) -> None:
        """Answer in the upstream's stead."""

    def respond(self, message: Message, *, breaks: bool) -> None:
        """Take the upstream's response; ``breaks`` where its end does not come."""

    def break_off(self, details: str) -> None:
        """Cut the response that the upstream began."""

    def compare_length(self, direction: Direction, peer: Peer) -> None:
        """Compare what a whole message says of its length with its length."""

    def report(self, kind: HazardKind, callback: str) -> None:
        """Take note of a mistake."""


class Router:
    """The end of the request's lane.

    Args:
        stream: whose end it is.
        outcome: what the upstream does with the request.
        timeout: nanoseconds from the end of the request to that of the response.

    Attributes:
        peer: what the upstream gets.
        is_connected: whether it got that yet.

    """

    __slots__ = (
        *("_is_closed", "_loop", "_outcome", "_stream", "_timeout", "_timers"),
        *("is_connected", "peer"),
    )

    def __init__(
        self,
        stream: Stream,
        outcome: Outcome,
        loop: Loop,
        timeout: int,
    ) -> None:
        self._stream = stream
        self._outcome = outcome
        self._loop = loop
        self._timeout = timeout
        self._timers: list[Timer] = []
        self._is_closed = False
        self.peer = Peer()
        self.is_connected = False

    @property
    def is_routed(self) -> bool:
        """Whether the request has left the plugins for a host of the upstream."""
        return self.peer.headers is not None

    @property
    def message(self) -> Message | None:
        """The request, as far as it reached the upstream."""
        return self.peer.message if self.is_connected else None

    @property
    def is_complete(self) -> bool:
        """Whether the end of the request reached the upstream."""
        return self.is_connected and self.peer.complete

    def receive_headers(self, headers: HeaderMap, *, ends: bool) -> None:
        """Choose the route, and begin to connect."""
        if self.peer.headers is not None:
            self._stream.report(HazardKind.SENT_TWICE, REQUEST.headers)
            return
        refusal = edge.find_route(headers)
        if refusal is None and self._outcome.failure is Failure.NO_HEALTHY:
            refusal = local_reply.NO_HEALTHY_UPSTREAM
        if refusal is not None:
            self._stream.reply_locally(refusal)
            return
        self.peer.receive_headers(headers, ends=ends)
        self._loop.post(self._connect)

    def receive_body(self, content: bytes, *, ends: bool) -> None:
        """Send a frame of the body on."""
        if not self.peer.complete:
            self.peer.receive_body(content, ends=ends)
            self._follow_end()

    def receive_trailers(self, trailers: HeaderMap) -> None:
        """Send the trailers on."""
        if self.peer.trailers is None:
            self.peer.receive_trailers(trailers)
            self._follow_end()

    def answer(self, outcome: Outcome) -> None:
        """Say what the upstream does now; raises ValueError where it has no request."""
        if not self.is_connected:
            raise ValueError("no request has reached the upstream")
        self._follow(outcome)

    def close(self) -> None:
        """Forget what is to come: the stream is over."""
        self._is_closed = True
        for timer in self._timers:
            timer.cancel()

    def forget(self) -> None:
        """Let go all that leads back here."""
        self._timers.clear()
        del self._stream

    def _connect(self) -> None:
        headers = self.peer.headers
        if headers is None or self._is_closed:
            return
        if self._outcome.failure is Failure.REFUSED:
            self._stream.reply_locally(local_reply.CONNECTION_REFUSED)
            return
        refusal = edge.prepare_request(headers)
        if refusal is not None:
            self._stream.reply_locally(refusal)
            return
        self.is_connected = True
        if self.peer.complete:
            self._await_response()

    def _follow_end(self) -> None:
        if self.peer.complete and self.peer.headers is not None:
            self._stream.compare_length(REQUEST, self.peer)
        if self.is_complete:
            self._loop.post(self._await_response)

    def _await_response(self) -> None:
        if not self._is_closed:
            self._follow(self._outcome)

    def _follow(self, outcome: Outcome) -> None:
        """Do what the upstream does: at once, later, or not before somebody says so."""
        waits = outcome.held or outcome.delay or outcome.failure is Failure.TIMEOUT
        if waits and not self._timers and self._timeout:
            self._later(self._timeout, self._expire)
        if outcome.delay:
            self._later(outcome.delay, partial(self._happen, outcome))
        elif not waits:
            self._happen(outcome)

    def _happen(self, outcome: Outcome) -> None:
        message, failure = outcome.message, outcome.failure
        if message is not None:
            self._stream.respond(message, breaks=failure is not None)
        if failure is Failure.RESET:
            self._fail(local_reply.UPSTREAM_RESET, message)

    def _fail(self, reply: LocalReply, begun: Message | None) -> None:
        if begun is None:
            self._stream.reply_locally(reply)
        else:
            self._stream.break_off(local_reply.RESET_AFTER_START)

    def _expire(self) -> None:
        self._stream.reply_locally(local_reply.RESPONSE_TIMEOUT)

    def _later(self, nanoseconds: int, action: Callable[[], None]) -> None:
        self._timers.append(self._loop.after(nanoseconds, action))
