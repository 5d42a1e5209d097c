"""A stream as a user of the host holds it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

from wasmctl.host import exchange
from wasmctl.host.active_stream import ActiveStream
from wasmctl.host.exchange import Exchange
from wasmctl.host.gate import REQUEST, Direction
from wasmctl.messages import Message, Pair
from wasmctl.outcomes import Outcome


class HttpStream:
    """A request on its way; `Host.send` and `Host.open` return it."""

    def __init__(self, active: ActiveStream, run: Callable[[Callable[[], object]], object]) -> None:
        self._active = active
        self._run = run

    # What the client does.

    def send_body(self, content: bytes, *, ends: bool = False) -> None:
        """Send a frame of the request's body."""
        self._run(partial(self._active.from_client.send_body, content, ends=ends))

    def send_trailers(self, trailers: Sequence[Pair]) -> None:
        """Send the request's trailers, which end it."""
        self._run(partial(self._active.from_client.send_trailers, tuple(trailers)))

    def cancel(self, by: Literal["client", "connection"] = "client") -> None:
        """Give up: the client resets the stream, or closes its connection."""
        if not self.is_over:
            self._run(partial(self._active.give_up, by))

    # What the origin does.

    def answer(self, outcome: Outcome) -> None:
        """Say what becomes of a request whose origin is held."""
        self._run(partial(self._active.router.answer, outcome))

    def answer_headers(self, headers: Sequence[Pair], *, ends: bool = False) -> None:
        """Begin the response of an origin that is held, to go on part by part."""
        self._run(partial(self._active.begin_response, tuple(headers), ends=ends))

    def answer_body(self, content: bytes, *, ends: bool = False) -> None:
        """Send a frame of the response's body."""
        self._run(partial(self._active.from_upstream.send_body, content, ends=ends))

    def answer_trailers(self, trailers: Sequence[Pair]) -> None:
        """Send the response's trailers, which end it."""
        self._run(partial(self._active.from_upstream.send_trailers, tuple(trailers)))

    # What can be seen.

    @property
    def is_over(self) -> bool:
        """Whether it has ended, and the plugins have forgotten it."""
        return self._active.is_over

    @property
    def is_sent(self) -> bool:
        """Whether the end of the request came."""
        return self._active.request_lane.ended

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection to a host of the upstream."""
        return self._active.router.is_connected

    @property
    def paused_at(self) -> str | None:
        """The callback at which a plugin holds it, or held it when the client gave up."""
        return self._active.paused_at

    def exchange(self) -> Exchange:
        """Return what came of it so far."""
        return exchange.of(self._active)

    def passing(self, direction: Direction) -> Message | None:
        """Return a direction's message as it is now: of its body, what gates hold."""
        active = self._active
        lane = active.request_lane if direction is REQUEST else active.response_lane
        if lane.headers is None:
            return None
        held = (lane.held.content,) if lane.held else ()
        trailers = lane.trailers.pairs if lane.trailers else ()
        return Message(headers=lane.headers.pairs, chunks=held, trailers=trailers)
