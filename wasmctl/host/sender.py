"""Who sends a message into a lane: the client, or the upstream.

A sender waits while a lane holds more than it may, until the plugins let it go: so Envoy slows it
down where a plugin holds a body by StopIterationAndWatermark, or its headers by
StopAllIterationAndWatermark. A plugin that waits for the end of such a body waits in vain.
"""

from collections import deque

from wasmctl.host.header_map import HeaderMap
from wasmctl.host.lane import Lane
from wasmctl.messages import Pair


class Sender:
    """The sender of a message into ``lane``; once the stream is over, what is sent is lost.

    Attributes:
        sent: bytes of the body that went into the lane.
        is_dispatching: whether the lane is taking something now.

    """

    __slots__ = ("_lane", "_waiting", "is_dispatching", "sent")

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._waiting: deque[tuple[bytes, bool] | HeaderMap] | None = None
        self.sent = 0
        self.is_dispatching = False

    @property
    def is_waiting(self) -> bool:
        """Whether something is still to be sent."""
        return bool(self._waiting)

    def send_headers(self, headers: HeaderMap, *, ends: bool) -> None:
        """Begin."""
        self.is_dispatching = True
        self._lane.receive_headers(headers, ends=ends)
        self.is_dispatching = False

    def send_rest(
        self, chunks: tuple[bytes, ...], trailers: tuple[Pair, ...], *, breaks: bool = False
    ) -> None:
        """Send what follows the headers; ``breaks`` where the end does not come."""
        for index, chunk in enumerate(chunks, 1):
            ends = index == len(chunks) and not trailers and not breaks
            self.send_body(chunk, ends=ends)
        if trailers and not breaks:
            self.send_trailers(trailers)

    def send_body(self, content: bytes, *, ends: bool) -> None:
        """Send a frame of the body, when there is room for it."""
        lane = self._lane
        if lane.is_gone:
            return
        if self._waiting or (lane.held is not None and not lane.has_room):
            self._wait((content, ends))
        else:
            self._send_body(content, ends=ends)

    def send_trailers(self, trailers: tuple[Pair, ...]) -> None:
        """Send the trailers, when all of the body is sent."""
        lane = self._lane
        if lane.is_gone:
            return
        made = HeaderMap(lane.direction.trailers_kind, trailers)
        if self._waiting:
            self._wait(made)
        else:
            self._send_trailers(made)

    def go_on(self) -> None:
        """Send what there is room for now."""
        while self._waiting and not self._lane.is_gone:
            following = self._waiting[0]
            if isinstance(following, HeaderMap):
                self._waiting.popleft()
                self._send_trailers(following)
            elif self._lane.has_room:
                self._waiting.popleft()
                self._send_body(following[0], ends=following[1])
            else:
                return

    def _wait(self, following: tuple[bytes, bool] | HeaderMap) -> None:
        if self._waiting is None:
            self._waiting = deque()
        self._waiting.append(following)

    def _send_body(self, content: bytes, *, ends: bool) -> None:
        self.sent += len(content)
        self.is_dispatching = True
        self._lane.receive_body(content, ends=ends)
        self.is_dispatching = False

    def _send_trailers(self, trailers: HeaderMap) -> None:
        self.is_dispatching = True
        self._lane.receive_trailers(trailers)
        self.is_dispatching = False
