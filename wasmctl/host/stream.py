"""The life of an HTTP stream: a request through the plugins to the upstream, the reply back.

In the order of Envoy: request headers, body, trailers, through one lane; then the same of the
response, through the other one, whose plugins stand in reverse; then log, done, delete. A local
reply runs through the response callbacks as long as no response has begun; afterwards it goes
straight to the client, or, where headers went out before, the stream is reset. Source: Envoy
source/common/http/filter_manager.cc (``sendLocalReply``), conn_manager_impl.cc.
"""

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

from wasmctl.abi.types import MapType
from wasmctl.host import edge, lengths
from wasmctl.host.client import ClientEnd
from wasmctl.host.downstream import CLIENT
from wasmctl.host.edge import LocalReply, ResponseFlag
from wasmctl.host.entrance import Entrance
from wasmctl.host.exchange import Exchange
from wasmctl.host.filter_state import FilterState
from wasmctl.host.gate import REQUEST, RESPONSE, Direction, Gate
from wasmctl.host.handle import PluginHandle
from wasmctl.host.hazards import Hazard, HazardKind
from wasmctl.host.header_map import HeaderMap, MapKind
from wasmctl.host.lane import Lane
from wasmctl.host.peer import Peer
from wasmctl.host.router import Router
from wasmctl.host.sender import Sender
from wasmctl.host.shared import Shared
from wasmctl.messages import Message, Pair
from wasmctl.outcomes import Outcome
from wasmctl.records import Trap


class HttpStream:
    """One request on its way.

    Attributes:
        request: as the client sent its headers.
        request_headers: as they went on, or would have.
        client: what the client received.
        began: nanoseconds since 1970.
        connection: of the client.
        request_lane, response_lane: its directions.
        flags: ``response.flags``.
        is_over: whether it has ended, and the plugins have forgotten it.
        trap: what ended a plugin in a callback of this stream.
        details: why the response is what it is: ``response.code_details``; None before it is known.

    """

    __slots__ = (
        *("_client", "_contexts", "_entrance", "_filter_state", "_from_client"),
        *("_from_upstream", "_hazards", "_paused_at", "_prepared", "_response_pairs", "_router"),
        *("_shared", "began", "client"),
        *("connection", "details", "flags", "is_over", "request"),
        *("request_headers", "request_lane", "response_lane", "trap"),
    )

    def __init__(
        self,
        chain: Sequence[PluginHandle],
        request: Message,
        origin: Outcome,
        *,
        shared: Shared,
        source: str = CLIENT,
        entrance: Entrance,
    ) -> None:
        self._shared = shared
        self._entrance = entrance
        self.request = request
        self.request_headers = edge.admit(request)
        self.details: str | None = None
        self.flags = 0
        self.began = shared.clock.nanoseconds
        self.connection = shared.connections.get(source)
        self._filter_state: FilterState | None = None
        self.is_over = False
        self.trap: Trap | None = None
        self._client = ClientEnd(self, shared.clock)
        self.client = self._client.peer
        self._router = Router(self, origin, loop=shared.loop, timeout=shared.route_timeout)
        self._response_pairs: tuple[Pair, ...] = ()
        self._paused_at: str | None = None
        self._prepared: LocalReply | None = None
        self._hazards: list[Hazard] = []
        limit = shared.buffer_limit
        self.request_lane: Lane = Lane(REQUEST, self._router, self, limit=limit)
        self.response_lane: Lane = Lane(RESPONSE, self._client, self, limit=limit)
        self._from_client = Sender(self.request_lane)
        self._from_upstream = Sender(self.response_lane)
        contexts = self._contexts = [context for handle in chain if (context := handle.join(self))]
        self.request_lane.gates = [context.request for context in contexts]
        self.response_lane.gates = [context.response for context in reversed(contexts)]

    # What the client does.

    def send_body(self, content: bytes, *, ends: bool = False) -> None:
        """Send a frame of the request's body."""
        self._run(partial(self._take_body, content, ends=ends))

    def send_trailers(self, trailers: Sequence[Pair]) -> None:
        """Send the request's trailers, which end it."""
        self._run(partial(self._take_trailers, tuple(trailers)))

    def cancel(self, by: Literal["client", "connection"] = "client") -> None:
        """Give up: the client resets the stream, or closes its connection."""
        if not self.is_over:
            self._paused_at = self.paused_at
            self.details, flag = edge.GIVEN_UP[by]
            self.flags |= flag
            self._run(self.finish)

    # What the origin does.

    def answer(self, outcome: Outcome) -> None:
        """Say what becomes of a request whose origin is held."""
        self._run(partial(self._router.answer, outcome))

    def answer_headers(self, headers: Sequence[Pair], *, ends: bool = False) -> None:
        """Begin the response of an origin that is held, to go on part by part."""
        self._run(partial(self._begin_response, tuple(headers), ends=ends))

    def answer_body(self, content: bytes, *, ends: bool = False) -> None:
        """Send a frame of the response's body."""
        self._run(partial(self._take_response_body, content, ends=ends))

    def answer_trailers(self, trailers: Sequence[Pair]) -> None:
        """Send the response's trailers, which end it."""
        self._run(partial(self._take_response_trailers, tuple(trailers)))

    def _run(self, action: Callable[[], None]) -> None:
        def work() -> None:
            action()
            self._shared.loop.run()

        self._entrance.enter(work)

    # What can be seen from outside.

    def exchange(self) -> Exchange:
        """Return what came of it so far."""
        return Exchange(
            upstream=self._router.message,
            upstream_complete=self._router.is_complete,
            client=self._client.message,
            client_complete=self.client.complete,
            paused_at=self.paused_at,
            details=self.details or "",
            trap=self.trap,
            hazards=tuple(self._hazards),
        )

    @property
    def paused_at(self) -> str | None:
        """The callback at which a plugin holds it, or held it when the client gave up."""
        if self.is_over:
            return self._paused_at
        return self.request_lane.paused_at or self.response_lane.paused_at

    @property
    def filter_state(self) -> FilterState:
        """What plugins and Envoy's own filters left with it."""
        if self._filter_state is None:
            given = self._shared.given.filter_state
            self._filter_state = FilterState(self.connection.filter_state, given)
        return self._filter_state

    @property
    def request_bytes(self) -> int:
        """Bytes of the request's body that arrived so far."""
        return self._from_client.sent

    @property
    def is_dispatching(self) -> bool:
        """Whether frames of the client are being taken now."""
        return self._from_client.is_dispatching

    @property
    def response_code(self) -> int | None:
        """The status of the response that began, or None."""
        return self._client.status

    @property
    def is_routed(self) -> bool:
        """Whether the request has left the plugins for a host of the upstream."""
        return self._router.peer.headers is not None

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection to that host."""
        return self._router.is_connected

    @property
    def has_response(self) -> bool:
        """Whether a response has begun."""
        return self.response_lane.headers is not None

    def sent(self, map_type: MapType) -> HeaderMap | None:
        """Return a map as it went out; Envoy keeps no request trailers for the log."""
        match map_type:
            case MapType.HTTP_REQUEST_HEADERS:
                return self.request_headers
            case MapType.HTTP_RESPONSE_HEADERS:
                return self.client.headers
            case MapType.HTTP_RESPONSE_TRAILERS:
                return self.client.trailers
            case _:
                return None

    def passing(self, direction: Direction) -> Message | None:
        """Return a direction's message as it is now: of its body, what gates hold."""
        lane = self.request_lane if direction is REQUEST else self.response_lane
        if lane.headers is None:
            return None
        held = (lane.held.content,) if lane.held else ()
        trailers = lane.trailers.pairs if lane.trailers else ()
        return Message(headers=lane.headers.pairs, chunks=held, trailers=trailers)

    def report(self, kind: HazardKind, callback: str) -> None:
        """Take note of a plugin's mistake."""
        hazard = Hazard(kind=kind, callback=callback)
        self._hazards.append(hazard)
        self._shared.hazards.append(hazard)

    def compare_length(self, direction: Direction, peer: Peer) -> None:
        """Tell of a message whose plugins left it with a length that it does not have."""
        if direction is REQUEST:
            pairs, size = self.request.headers, self.request_bytes
        elif not peer.body_size and lengths.is_bodiless(self.request, self._client.status):
            return
        else:
            pairs, size = self._response_pairs, self._from_upstream.sent
        if lengths.is_stale(peer, pairs, size):
            self.report(HazardKind.STALE_LENGTH, direction.body)

    # The request comes in.

    def begin(self, *, ends: bool) -> None:
        """Take the request's headers."""
        self._from_client.send_headers(self.request_headers, ends=ends)

    def play(self) -> None:
        """Take the whole request, and go as far as it gets; frames behind its end are lost."""
        chunks, trailers = self._shared.protocol.framed(self.request)
        self.begin(ends=not chunks and not trailers)
        for index, chunk in enumerate(chunks, 1):
            self._take_body(chunk, ends=index == len(chunks) and not trailers)
        if trailers:
            self._take_trailers(trailers)
        self._shared.loop.run()

    def _take_body(self, content: bytes, *, ends: bool) -> None:
        if not self.is_over:
            self._from_client.send_body(content, ends=ends)

    def _take_trailers(self, trailers: tuple[Pair, ...]) -> None:
        if not self.is_over:
            self._from_client.send_trailers(HeaderMap(MapKind.REQUEST_TRAILERS, trailers))

    # The response comes in.

    def respond(self, message: Message, *, breaks: bool) -> None:
        """Take the upstream's response; ``breaks`` where its end does not come."""
        chunks, trailers = self._shared.protocol.framed(message)
        self._begin_response(message.headers, ends=not (chunks or trailers or breaks))
        for index, chunk in enumerate(chunks, 1):
            ends = index == len(chunks) and not trailers and not breaks
            self._take_response_body(chunk, ends=ends)
        if trailers and not breaks:
            self._take_response_trailers(trailers)

    def _begin_response(self, pairs: tuple[Pair, ...], *, ends: bool) -> None:
        if not self.is_over:
            self.details = "via_upstream"
            self._response_pairs = pairs
            headers = HeaderMap(MapKind.RESPONSE_HEADERS, pairs)
            self._client.status = edge.status_of(headers)
            self.response_lane.receive_headers(headers, ends=ends)

    def _take_response_body(self, content: bytes, *, ends: bool) -> None:
        if not self.is_over:
            self._from_upstream.send_body(content, ends=ends)

    def _take_response_trailers(self, trailers: tuple[Pair, ...]) -> None:
        if not self.is_over:
            self._from_upstream.send_trailers(HeaderMap(MapKind.RESPONSE_TRAILERS, trailers))

    def break_off(self, details: str) -> None:
        """Cut the response that the upstream began."""
        if self.is_over:
            return
        if self.client.headers is None:
            self.reply_locally(dataclasses.replace(edge.UPSTREAM_RESET, details=details))
        else:
            self.details = details
            self.flags |= ResponseFlag.UPSTREAM_REMOTE_RESET
            self._reset()

    # What plugins ask for.

    def resume_request(self, gate: Gate) -> None:
        """Let go on what a plugin holds of the request."""
        if not self.is_over:
            self.request_lane.resume(gate)

    def resume_response(self, gate: Gate) -> None:
        """Let go on what a plugin holds of the response."""
        if not self.is_over:
            self.response_lane.resume(gate)

    def close_by_plugin(self) -> None:
        """Reset the stream."""
        if not self.is_over:
            self.details = self.details or "wasm_close_stream"
            self._reset()

    # Local replies, and the end.

    def reply_locally(self, reply: LocalReply) -> None:
        """Answer without the upstream, as far as the response lets that happen."""
        if self.is_over:
            return
        for lane in (self.request_lane, self.response_lane):
            if lane.calling:
                lane.is_cut = True
                break
        self.details = reply.details
        self.flags |= reply.flags or 0
        if not self.has_response and self.request_lane.calling:
            self._prepared = self._prepared or reply
        elif not self.has_response:
            self._send_locally(reply)
        elif self.client.headers is None:
            self._send_directly(reply)
        else:
            self._reset()

    def overflow(self, direction: Direction) -> None:
        """Answer where plugins hold back more than may be held."""
        is_request = direction is REQUEST
        self.reply_locally(edge.REQUEST_TOO_LARGE if is_request else edge.RESPONSE_TOO_LARGE)

    def drained(self, direction: Direction) -> None:
        """Let a sender go on that had to wait for room."""
        sender = self._from_client if direction is REQUEST else self._from_upstream
        if sender.is_waiting:
            self._shared.loop.post(sender.go_on)

    def interrupted(self) -> None:
        """Send the reply that had to wait for the end of a callback."""
        prepared, self._prepared = self._prepared, None
        if prepared is not None and not self.is_over:
            self._send_locally(prepared)

    def _send_locally(self, reply: LocalReply) -> None:
        """Send a reply through the plugins."""
        self._client.status = reply.status
        headers, body = edge.compose(reply, self.request)
        self.response_lane.receive_headers(headers, ends=not body)
        if body and not self.is_over:
            self.response_lane.receive_body(body, ends=True)

    def _send_directly(self, reply: LocalReply) -> None:
        """Send a reply past the plugins, which are in the midst of another response."""
        self._client.status = reply.status
        headers, body = edge.compose(reply, self.request)
        self._client.send_headers(headers, ends=not body)
        if body:
            self._client.receive_body(body, ends=True)

    def _reset(self) -> None:
        """Cut the stream on both sides."""
        self._client.reset()
        for lane in (self.request_lane, self.response_lane):
            if lane.calling:
                lane.is_cut = True
        self.finish()

    def finish(self) -> None:
        """Let the plugins log the stream and forget it."""
        if self.is_over:
            return
        self.is_over = True
        self._router.close()
        self.request_lane.end()
        self.response_lane.end()
        for context in self._contexts:
            context.log()
        for context in self._contexts:
            context.delete()
        self._shared.loop.post(self._forget)

    def _forget(self) -> None:
        """Let go what leads in circles, when nothing of the stream runs any more."""
        for context in self._contexts:
            context.forget()
        self._contexts.clear()
        self.request_lane.forget()
        self.response_lane.forget()
        self._router.forget()
        self._client.forget()
