"""One direction of a stream: a message on its way through the gates of its plugins.

It follows Envoy's filter manager step by step, since what a plugin's mistakes lead to (a request
sent twice, a body that never comes) follows from these steps alone. Source: Envoy
source/common/http/filter_manager.cc: ``decodeHeaders``, ``decodeData``, ``decodeTrailers`` and
their twins for responses; ``commonContinue`` is `Lane.resume`, ``commonHandleAfterDataCallback``
is `Lane._settle_body`.
"""

from collections.abc import Sequence
from typing import Protocol

from wasmctl.host.body import Body
from wasmctl.host.gate import RESPONSE, DataStatus, Direction, Gate, HeadersStatus, Iteration
from wasmctl.host.hazards import HazardKind
from wasmctl.host.header_map import HeaderMap

_STOPS: dict[int, Iteration] = {
    HeadersStatus.STOP_ITERATION: Iteration.STOP_SINGLE,
    HeadersStatus.STOP_ALL_ITERATION_AND_BUFFER: Iteration.STOP_ALL_BUFFER,
    HeadersStatus.STOP_ALL_ITERATION_AND_WATERMARK: Iteration.STOP_ALL_WATERMARK,
}
_KEEPS = (DataStatus.STOP_ITERATION_AND_BUFFER, DataStatus.STOP_ITERATION_AND_WATERMARK)
_IN_HEADERS, _IN_BODY, _IN_TRAILERS = 1, 2, 4
# Members of enumerations are slow to find.
_CONTINUE, _STOP_SINGLE = Iteration.CONTINUE, Iteration.STOP_SINGLE


class Receiver(Protocol):
    """Where a lane leads: the upstream, or the client."""

    def receive_headers(self, headers: HeaderMap, *, ends: bool) -> None:
        """Take the headers; ``ends`` where nothing follows."""

    def receive_body(self, content: bytes, *, ends: bool) -> None:
        """Take a frame of the body."""

    def receive_trailers(self, trailers: HeaderMap) -> None:
        """Take the trailers, which end the message."""


class Owner(Protocol):
    """The stream of a lane."""

    def overflow(self, direction: Direction) -> None:
        """Hear that plugins hold back more than may be held."""

    def drained(self, direction: Direction) -> None:
        """Hear that what was held has gone on."""

    def report(self, kind: HazardKind, callback: str) -> None:
        """Take note of a mistake."""

    def interrupted(self) -> None:
        """Hear that the callback is over in which the lane was cut."""


class Lane:
    """A direction's gates, in the order in which a message meets them, and what they hold.

    Args:
        direction: which one.
        onward: where it leads.
        owner: the stream.
        limit: how many bytes may be held back.

    Attributes:
        headers, trailers: as they arrived, or were begun; None where they did not.
        ended: whether the end arrived.
        held: the bytes that gates hold back: there is one store for all of them.
        is_cut: whether the message goes no further.
        is_gone: whether the stream is over.
        calling: whether a plugin of it is being called now, and for what.

    """

    __slots__ = (
        *("_is_over", "_limit", "_onward", "_owner", "_streams", "calling", "direction"),
        *("ended", "gates", "headers", "held", "is_cut", "is_gone", "trailers"),
    )

    def __init__(self, direction: Direction, onward: Receiver, owner: Owner, limit: int) -> None:
        self.direction = direction
        self._onward = onward
        self._limit = limit
        self._owner = owner
        self._streams = False  # a body that grows too large slows its sender down
        self._is_over = False
        self.gates: Sequence[Gate] = ()
        self.headers: HeaderMap | None = None
        self.trailers: HeaderMap | None = None
        self.ended = False
        self.held: Body | None = None
        self.is_cut = False
        self.is_gone = False
        self.calling = 0

    @property
    def paused_at(self) -> str | None:
        """The callback that holds the message; None where none does."""
        return next((gate.paused_at for gate in self.gates if gate.paused_at), None)

    def receive_headers(self, headers: HeaderMap, *, ends: bool) -> None:
        """Take the headers from where they come."""
        self.headers, self.ended = headers, ends
        self._pass_headers(0, headers, ends=ends)

    def receive_body(self, content: bytes, *, ends: bool) -> None:
        """Take a frame of the body from where it comes."""
        self.ended = ends
        self._pass_body(0, Body(content), ends=ends)

    def receive_trailers(self, trailers: HeaderMap) -> None:
        """Take the trailers from where they come."""
        self.trailers, self.ended = trailers, True
        self._pass_trailers(0, trailers)

    def resume(self, gate: Gate) -> None:
        """Let go what a gate holds: everything that is behind it, and in front of the next."""
        if self.is_cut:
            return
        index = self.gates.index(gate)
        if gate.iteration > _STOP_SINGLE:
            gate.from_here = True  # also for what is resumed within this
        gate.iteration = _CONTINUE
        gate.paused_at = None
        if not gate.passed and self.headers is not None:
            gate.passed = True
            ends = self.ended and self.held is None and self.trailers is None
            self._pass_headers(index + 1, self.headers, ends=ends)
        trailers = self.trailers
        behind = index if gate.from_here else index + 1
        if self.held is not None:
            self._pass_body(behind, self.held, ends=self.ended and trailers is None)
        if trailers is not None:
            self._pass_trailers(behind, trailers)
        gate.from_here = False

    def hold(self, frame: Body, *, streams: bool) -> None:
        """Keep a frame, which may be the store itself."""
        self._streams = streams
        held = self.held
        if held is frame:
            return
        if held is None:
            held = self.held = Body(b"")
        held.append(frame.take())
        if held.size > self._limit and not self._is_over:
            self._is_over = True
            if not streams:
                self._owner.overflow(self.direction)

    @property
    def has_room(self) -> bool:
        """Whether more may come: a watermark that holds too much already lets nothing in."""
        held = self.held
        return held is None or held.size <= self._limit or not self._streams

    def end(self) -> None:
        """Move nothing any more: the stream is over."""
        self.is_cut = self.is_gone = True

    def forget(self) -> None:
        """Let go all that leads back here."""
        self.gates = ()
        del self._onward, self._owner

    def _pass_headers(self, index: int, headers: HeaderMap, *, ends: bool) -> None:
        for gate in self.gates[index:] if index else self.gates:
            gate.ended = ends
            self.calling |= _IN_HEADERS
            status = gate.show_headers(headers, ends=ends)
            self.calling &= ~_IN_HEADERS
            if self.is_cut:
                if self.is_gone and gate.passed and not status and self.direction is RESPONSE:
                    self._owner.report(HazardKind.RESPONSE_TWICE, RESPONSE.headers)
                self._owner.interrupted()
                return
            if status:
                if gate.passed and not ends:
                    self._owner.report(HazardKind.NEVER_RELEASED, self.direction.headers)
                gate.iteration = _STOPS[status]
                gate.paused_at = self.direction.headers
                return
            gate.passed = True
        self.calling |= _IN_HEADERS
        self._onward.receive_headers(headers, ends=ends)
        self.calling &= ~_IN_HEADERS
        if self.is_cut:
            self._owner.interrupted()

    def _pass_body(self, index: int, frame: Body, *, ends: bool) -> None:
        if self.is_cut:
            return
        may_begin = self.trailers is None
        beginning: int | None = None  # where trailers go that a plugin began at the end of the body
        for position in range(index, len(self.gates)):
            gate = self.gates[position]
            if gate.iteration > _STOP_SINGLE:
                self.hold(frame, streams=gate.iteration is Iteration.STOP_ALL_WATERMARK)
                return
            if gate.ended:  # what comes now is not for those that have seen the end
                return
            gate.ended = ends and self.trailers is None
            self.calling |= _IN_BODY
            status = gate.show_body(frame, ends=gate.ended)
            self.calling &= ~_IN_BODY
            if self.is_cut:
                self._owner.interrupted()
                return
            if may_begin and beginning is None and self.trailers is not None:
                beginning = position if gate.from_here else position + 1
            if status or gate.iteration:
                self._settle_body(gate, status, frame)
                if self.direction is RESPONSE:
                    return
                break
        else:
            self._send_body(frame, ends=ends and self.trailers is None)
        # A request's go on even if the body behind which they stand is held, and again if it has
        # just been let go, which has taken them along; that is Envoy's way.
        if beginning is not None and self.trailers is not None:
            self._pass_trailers(beginning, self.trailers)

    def _settle_body(self, gate: Gate, status: int, frame: Body) -> None:
        """Keep a frame as its plugin wants, or let it go with what was kept before."""
        if not status:
            self.hold(frame, streams=self._streams)
            self.resume(gate)
            return
        gate.iteration = _STOP_SINGLE
        gate.paused_at = self.direction.body
        if status in _KEEPS:
            self.hold(frame, streams=status == DataStatus.STOP_ITERATION_AND_WATERMARK)
        elif self.ended and self.trailers is None and self.held is None:
            self.held = Body(b"")  # so that the end, at least, can be continued

    def _send_body(self, frame: Body, *, ends: bool) -> None:
        self.calling |= _IN_BODY
        self._onward.receive_body(frame.take(), ends=ends)
        self.calling &= ~_IN_BODY
        if frame is self.held:
            self._is_over = False
            self._owner.drained(self.direction)
        if self.is_cut:
            self._owner.interrupted()

    def _pass_trailers(self, index: int, trailers: HeaderMap) -> None:
        if self.is_cut:
            return
        for gate in self.gates[index:]:
            if gate.iteration > _STOP_SINGLE:
                return
            self.calling |= _IN_TRAILERS
            status = gate.show_trailers(trailers)
            gate.ended = True
            self.calling &= ~_IN_TRAILERS
            if self.is_cut:
                self._owner.interrupted()
                return
            if not self._settle_trailers(gate, status):
                return
        self._onward.receive_trailers(trailers)

    def _settle_trailers(self, gate: Gate, status: int) -> bool:
        if not status:
            if gate.iteration is _CONTINUE:
                return True
            self.resume(gate)
            return False
        if gate.iteration is _CONTINUE:
            gate.iteration = _STOP_SINGLE
        gate.paused_at = self.direction.trailers
        return False
