"""One plugin's place in one direction of a stream: what it sees, and how far it lets things go.

A gate is two things of Envoy's in one: what a Wasm filter keeps of a direction (its maps, its
body), and what the filter manager keeps of the filter (whether it holds the iteration). The
lane (lane.py) moves the message through its gates. Measured on Envoy 1.40; source:
source/extensions/common/wasm/context.cc (``decodeHeaders`` to ``encodeTrailers``).

    headers: 0 lets them pass; 1 holds them, but body callbacks run; 3 and 4 hold everything,
             without a further callback, and then the whole body comes in one.
    body:    0 lets it pass, with what was kept before; 1 keeps it, and the next callback sees all
             of it; 2 keeps it, and the next callback sees the new frame only; anything else drops
             the frame.
    trailers: 0 lets them pass; anything else holds.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

from wasmctl.host.body import Body
from wasmctl.host.header_map import HeaderMap, MapKind

if TYPE_CHECKING:
    from wasmctl.host.lane import Lane


class HeadersStatus(IntEnum):
    """What a headers callback may return; CONTINUE_AND_END_STREAM is CONTINUE in Envoy."""

    CONTINUE = 0
    STOP_ITERATION = 1
    CONTINUE_AND_END_STREAM = 2
    STOP_ALL_ITERATION_AND_BUFFER = 3
    STOP_ALL_ITERATION_AND_WATERMARK = 4


class DataStatus(IntEnum):
    """What a body callback may return; other numbers mean STOP_ITERATION_NO_BUFFER."""

    CONTINUE = 0
    STOP_ITERATION_AND_BUFFER = 1
    STOP_ITERATION_AND_WATERMARK = 2
    STOP_ITERATION_NO_BUFFER = 3


# Members of enumerations are slow to find.
_KEEPS_ALL = DataStatus.STOP_ITERATION_AND_BUFFER
_STREAMS = DataStatus.STOP_ITERATION_AND_WATERMARK


class Iteration(IntEnum):
    """Whether what comes goes on behind a gate; ordered, so that a comparison is enough."""

    CONTINUE = 0
    STOP_SINGLE = 1  # until the next callback lets it go
    STOP_ALL_BUFFER = 2  # no callbacks either
    STOP_ALL_WATERMARK = 3  # the same, and Envoy slows the sender down where the body grows


@dataclass(frozen=True)
class Direction:
    """The names of a direction's callbacks, and of what its trailers are."""

    headers: str
    body: str
    trailers: str
    trailers_kind: MapKind


REQUEST = Direction(
    "proxy_on_request_headers",
    "proxy_on_request_body",
    "proxy_on_request_trailers",
    MapKind.REQUEST_TRAILERS,
)
RESPONSE = Direction(
    "proxy_on_response_headers",
    "proxy_on_response_body",
    "proxy_on_response_trailers",
    MapKind.RESPONSE_TRAILERS,
)


class Caller(Protocol):
    """A plugin's stream context, as a gate needs it: what it returns is as Envoy reads it."""

    def create(self) -> None:
        """Make the context, once."""

    def on_headers(self, direction: Direction, count: int, *, ends: bool) -> int:
        """Call the plugin for headers; a HeadersStatus."""

    def on_body(self, direction: Direction, size: int, *, ends: bool) -> int:
        """Call the plugin for a frame of the body; a DataStatus."""

    def on_trailers(self, direction: Direction, count: int) -> int:
        """Call the plugin for trailers; 0 or 1."""


class Gate:
    """A plugin's gate in ``lane``.

    Attributes:
        headers, trailers: those the plugin may read and write now, or None.
        paused_at: the callback that holds the message back, or None.
        iteration: whether it holds the message.
        passed: whether the headers have gone on.
        ended: whether the plugin has seen the end.
        accumulates: whether the next body callback sees what was kept.
        from_here: whether what was held is new to this plugin, too.
        has_stale_body: whether it kept a frame whose bytes are not where Envoy left them.

    """

    __slots__ = (
        *("_caller", "_direction", "_ends", "_frame", "_lane"),
        *("accumulates", "ended", "from_here", "has_stale_body", "headers", "iteration", "passed"),
        *("paused_at", "trailers"),
    )

    def __init__(self, direction: Direction, caller: Caller, lane: "Lane") -> None:
        self._direction = direction
        self._caller = caller
        self._lane = lane
        self._frame: Body | None = None
        self.accumulates = False
        self._ends = False
        self.headers: HeaderMap | None = None
        self.trailers: HeaderMap | None = None
        self.paused_at: str | None = None
        self.iteration = Iteration.CONTINUE
        self.passed = False
        self.ended = False
        self.from_here = False
        self.has_stale_body = False

    def show_headers(self, headers: HeaderMap, *, ends: bool) -> int:
        """Show the headers to the plugin, and return its status; a request makes its context."""
        if self._direction is REQUEST:
            self._caller.create()
        self.headers = headers
        self._ends = ends
        status = self._caller.on_headers(self._direction, len(headers), ends=ends)
        if not status:
            self.headers = None
        return status

    def show_body(self, frame: Body, *, ends: bool) -> int:
        """Show a frame of the body to the plugin, behind what it kept if it asked for that."""
        if self.accumulates:
            self._lane.hold(frame, streams=False)
            if self._lane.is_gone:  # there was too much of it
                return DataStatus.STOP_ITERATION_AND_BUFFER
        self._frame, self._ends = frame, ends
        self.has_stale_body = False
        body = self._lane.held if self.accumulates else frame
        status = self._caller.on_body(self._direction, body.size if body else 0, ends=ends)
        self.accumulates = status == _KEEPS_ALL
        if not self.accumulates:
            self.has_stale_body = status == _STREAMS
            self._frame = None
        return status

    def show_trailers(self, trailers: HeaderMap) -> int:
        """Show the trailers to the plugin, and return its status."""
        self.trailers = trailers
        status = self._caller.on_trailers(self._direction, len(trailers))
        if not status:
            self.trailers = None
        return status

    @property
    def body(self) -> Body | None:
        """The bytes the plugin may read and write now."""
        return self._lane.held if self.accumulates else self._frame

    def added_trailers(self) -> HeaderMap | None:
        """Return the trailers for a change: the last body callback may begin some."""
        if self.trailers is None and self._frame is not None and self._ends:
            self.trailers = self._lane.trailers = HeaderMap(self._direction.trailers_kind)
        return self.trailers

    def close(self) -> None:
        """Take everything out of the plugin's sight."""
        self.headers = self.trailers = self._frame = None
        self.has_stale_body = False
