"""One plugin's place in one direction of a stream: what it may hold back, and what goes on.

A gate takes headers, body frames and trailers as they arrive, calls the plugin for each, and
passes on what the plugin lets through, to the next gate or to the peer. Its rules are those of
Envoy's filter manager for the statuses a Wasm plugin can return, measured on Envoy 1.40; source:
source/common/http/filter_manager.cc and source/extensions/common/wasm/context.cc
(``convertFilterHeadersStatus``, ``convertFilterDataStatus``).

    headers: 0 and 2 let them pass; anything else holds everything until the stream is continued,
             without a further callback, and then the whole body comes in one.
    body:    0 lets it pass, with what was kept before; 1 keeps it, and the next callback sees all
             of it; 2 keeps it, and the next callback sees the new frame only; anything else drops
             the frame.
    trailers: 0 lets them pass; anything else holds.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from wasmctl.host.body import Body
from wasmctl.host.header_map import HeaderMap, MapKind


class DataStatus(IntEnum):
    """What a body callback may return; other numbers mean STOP_ITERATION_NO_BUFFER."""

    CONTINUE = 0
    STOP_ITERATION_AND_BUFFER = 1
    STOP_ITERATION_AND_WATERMARK = 2
    STOP_ITERATION_NO_BUFFER = 3


_HEADERS_PASS = (0, 2)  # Envoy treats CONTINUE_AND_END_STREAM as CONTINUE
_DATA_KEEPS = (DataStatus.STOP_ITERATION_AND_BUFFER, DataStatus.STOP_ITERATION_AND_WATERMARK)


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


class Receiver(Protocol):
    """What a message can be sent to: the next gate, or a peer."""

    def receive_headers(self, headers: HeaderMap, *, ends: bool) -> None:
        """Take the headers; ``ends`` where nothing follows."""

    def receive_body(self, content: bytes, *, ends: bool) -> None:
        """Take a frame of the body."""

    def receive_trailers(self, trailers: HeaderMap) -> None:
        """Take the trailers, which end the message."""


class Caller(Protocol):
    """A plugin's stream context, as a gate needs it."""

    def callback(self, name: str, *arguments: int) -> int:
        """Call the plugin; 0 where it has no such callback."""

    def headers_callback(self, name: str, count: int, *, ends: bool) -> int:
        """Call the plugin for headers, whose callback has other parameters in ABI 0.1.0."""


class Gate:
    """A plugin's gate.

    Attributes:
        headers, trailers: those the plugin may read and write now, or None.
        body: the bytes the plugin may read and write now, or None.
        paused_at: the callback that holds the message back, or None.
        passed_twice: whether the headers were continued, and let pass by the same callback.

    """

    def __init__(self, direction: Direction, plugin: Caller, onward: Receiver) -> None:
        self._direction = direction
        self._plugin = plugin
        self._onward = onward
        self.headers: HeaderMap | None = None
        self.trailers: HeaderMap | None = None
        self.body: Body | None = None
        self.paused_at: str | None = None
        self.passed_twice = False
        self._kept = b""  # what body callbacks held back
        self._accumulates = False  # the next body callback sees what was kept
        self._may_add_trailers = False
        self._resumed = False

    def receive_headers(self, headers: HeaderMap, *, ends: bool) -> None:
        """Show the headers to the plugin; they pass, or hold all that follows."""
        name = self._direction.headers
        self.headers = headers
        status = self._plugin.headers_callback(name, len(headers), ends=ends)
        passes = status in _HEADERS_PASS
        resumed = self._was_resumed()
        self.passed_twice = resumed and passes
        if resumed or passes:
            self.headers = None
            self._onward.receive_headers(headers, ends=ends)
        if not passes:
            self.paused_at = name

    def receive_body(self, content: bytes, *, ends: bool) -> None:
        """Show a frame of the body to the plugin, with what it kept if it asked for that."""
        if self.paused_at == self._direction.headers:
            return  # behind headers that nothing can release yet
        self.body = body = Body(self._kept + content if self._accumulates else content)
        self._may_add_trailers = ends
        size = len(body.content)
        status = self._plugin.callback(self._direction.body, size, int(ends))
        self._may_add_trailers = False
        released = self._was_resumed() and self._accumulates
        if released or status == DataStatus.CONTINUE:
            self._pass_body(body, ends=ends)
        else:
            self._keep(body, status)

    def receive_trailers(self, trailers: HeaderMap) -> None:
        """Show the trailers to the plugin, and the body it kept."""
        if self.paused_at == self._direction.headers:
            return
        self.trailers = trailers
        body = Body(self._kept if self._accumulates else b"")
        self.body = body if self._accumulates else None
        name = self._direction.trailers
        status = self._plugin.callback(name, len(trailers))
        if not self._was_resumed() and status:
            self.paused_at = name
            return
        self.trailers = None
        if self._kept or body.content:
            self._pass_body(body, ends=False)
        self.paused_at = None
        self._onward.receive_trailers(trailers)

    def added_trailers(self) -> HeaderMap | None:
        """Return the trailers for a change: the last body callback may begin some."""
        if self.trailers is None and self._may_add_trailers:
            self.trailers = HeaderMap(self._direction.trailers_kind)
        return self.trailers

    def resume(self) -> None:
        """Let go what the plugin holds, when its callback is over; it sees no more of it.

        Only a callback of this stream can ask for it yet: others come with callouts and timers.
        """
        self._resumed = True
        self.close()

    def close(self) -> None:
        """Take everything out of the plugin's sight."""
        self.headers = self.trailers = self.body = None

    def _was_resumed(self) -> bool:
        resumed, self._resumed = self._resumed, False
        return resumed

    def _pass_body(self, body: Body, *, ends: bool) -> None:
        content = body.content if self._accumulates else self._kept + body.content
        trailers, self.trailers = self.trailers, None
        self.body = self.paused_at = None
        self._kept, self._accumulates = b"", False
        self._onward.receive_body(content, ends=ends and trailers is None)
        if trailers is not None:
            self._onward.receive_trailers(trailers)

    def _keep(self, body: Body, status: int) -> None:
        """Hold the body back; an unknown status drops the frame unless it was added before."""
        self.paused_at = self._direction.body
        if self._accumulates:
            self._kept = body.content
        elif status in _DATA_KEEPS:
            self._kept += body.content
        self._accumulates = status == DataStatus.STOP_ITERATION_AND_BUFFER
        if not self._accumulates:
            self.body = None
