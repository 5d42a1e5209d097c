"""The life of an HTTP stream: a request through the plugins to the upstream, the reply back.

In the order of Envoy: request headers, body, trailers, through one lane; then the same of the
response, through the other one, whose plugins stand in reverse; then log, done, delete. A local
reply runs through the response callbacks as long as no response has begun; afterwards it goes
straight to the client, or, where headers went out before, the stream is reset. Source: Envoy
source/common/http/filter_manager.cc (``sendLocalReply``), conn_manager_impl.cc.
"""

import dataclasses
from collections.abc import Sequence
from typing import Literal

from wasmctl.host import edge, lengths, local_reply
from wasmctl.host.client import ClientEnd
from wasmctl.host.filter_state import FilterState
from wasmctl.host.gate import REQUEST, RESPONSE, Direction
from wasmctl.host.handle import PluginHandle
from wasmctl.host.hazards import Hazard, HazardKind
from wasmctl.host.header_map import HeaderMap, MapKind
from wasmctl.host.lane import Lane
from wasmctl.host.local_reply import LocalReply, ResponseFlag
from wasmctl.host.peer import Peer
from wasmctl.host.router import Router
from wasmctl.host.sender import Sender
from wasmctl.host.shared import Shared
from wasmctl.messages import Message, Pair
from wasmctl.outcomes import Outcome
from wasmctl.records import Trap

_RESPONSE_HEADERS = MapKind.RESPONSE_HEADERS  # members of enumerations are slow to find


class ActiveStream:
    """One request on its way; ``source`` is the address of its client.

    Attributes:
        request: as the client sent its headers.
        request_headers: as they went on, or would have.
        client: the client's end.
        router: the upstream's end.
        from_client, from_upstream: who sends the request, and the response.
        request_lane, response_lane: its directions.
        began: nanoseconds since 1970.
        connection: of the client.
        flags: ``response.flags``.
        details: why the response is what it is: ``response.code_details``; None before it is known.
        hazards: mistakes of the plugins.
        is_over: whether it has ended, and the plugins have forgotten it.
        trap: what ended a plugin in a callback of this stream.

    """

    __slots__ = (
        *("_contexts", "_filter_state", "_paused_at", "_prepared", "_response_pairs", "_shared"),
        *("began", "client", "connection", "details", "flags", "from_client", "from_upstream"),
        *("hazards", "is_over", "request", "request_headers", "request_lane", "response_lane"),
        *("router", "trap"),
    )

    def __init__(
        self,
        chain: Sequence[PluginHandle],
        request: Message,
        origin: Outcome,
        shared: Shared,
        source: str,
    ) -> None:
        self._shared = shared
        self.request = request
        self.request_headers = edge.admit(request)
        self.details: str | None = None
        self.flags = 0
        self.began = shared.clock.nanoseconds
        self.connection = shared.connections.get(source)
        self._filter_state: FilterState | None = None
        self.is_over = False
        self.trap: Trap | None = None
        self._response_pairs: tuple[Pair, ...] = ()
        self._paused_at: str | None = None
        self._prepared: LocalReply | None = None
        self.hazards: list[Hazard] = []
        self.router = Router(self, origin, shared.loop, shared.route_timeout)
        self.client = ClientEnd(self, shared.clock)
        self.request_lane = Lane(REQUEST, self.router, self, shared.buffer_limit)
        self.response_lane = Lane(RESPONSE, self.client, self, shared.buffer_limit)
        self.from_client = Sender(self.request_lane)
        self.from_upstream = Sender(self.response_lane)
        contexts = self._contexts = [context for handle in chain if (context := handle.join(self))]
        self.request_lane.gates = [context.request for context in contexts]
        self.response_lane.gates = [context.response for context in reversed(contexts)]

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
    def has_response(self) -> bool:
        """Whether a response has begun."""
        return self.response_lane.headers is not None

    @property
    def is_dispatching(self) -> bool:
        """Whether frames of the client are being taken now."""
        return self.from_client.is_dispatching

    def report(self, kind: HazardKind, callback: str) -> None:
        """Take note of a plugin's mistake."""
        hazard = Hazard(kind=kind, callback=callback)
        self.hazards.append(hazard)
        self._shared.hazards.append(hazard)

    def compare_length(self, direction: Direction, peer: Peer) -> None:
        """Tell of a message whose plugins left it with a length that it does not have."""
        if direction is REQUEST:
            headers, size = self.request.headers, self.from_client.sent
        elif not peer.body_size and lengths.is_bodiless(self.request, self.client.status):
            return
        else:
            headers, size = self._response_pairs, self.from_upstream.sent
        if lengths.is_stale(peer, headers, size):
            self.report(HazardKind.STALE_LENGTH, direction.body)

    # The request comes in, and the response.

    def play(self) -> None:
        """Take the whole request, and go as far as it gets; frames behind its end are lost."""
        chunks, trailers = self._shared.protocol.framed(self.request)
        self.from_client.send_headers(self.request_headers, ends=not chunks and not trailers)
        if chunks or trailers:
            self.from_client.send_rest(chunks, trailers)
        self._shared.loop.run()

    def respond(self, message: Message, *, breaks: bool) -> None:
        """Take the upstream's response; ``breaks`` where its end does not come."""
        chunks, trailers = self._shared.protocol.framed(message)
        self.begin_response(message.headers, ends=not (chunks or trailers or breaks))
        if chunks or trailers:
            self.from_upstream.send_rest(chunks, trailers, breaks=breaks)

    def begin_response(self, pairs: tuple[Pair, ...], *, ends: bool) -> None:
        """Take the headers of the upstream's response."""
        if not self.is_over:
            self.details = "via_upstream"
            self._response_pairs = pairs
            headers = HeaderMap(_RESPONSE_HEADERS, pairs)
            self.client.status = edge.status_of(headers)
            self.response_lane.receive_headers(headers, ends=ends)

    def break_off(self, details: str) -> None:
        """Cut the response that the upstream began."""
        if self.is_over:
            return
        if self.client.peer.headers is None:
            self.reply_locally(dataclasses.replace(local_reply.UPSTREAM_RESET, details=details))
        else:
            self.details = details
            self.flags |= ResponseFlag.UPSTREAM_REMOTE_RESET
            self._reset()

    def close_by_plugin(self) -> None:
        """Reset the stream, since a plugin wants it."""
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
        elif self.client.peer.headers is None:
            self._send_directly(reply)
        else:
            self._reset()

    def overflow(self, direction: Direction) -> None:
        """Answer where plugins hold back more than may be held."""
        if direction is REQUEST:
            self.reply_locally(local_reply.REQUEST_TOO_LARGE)
        else:
            self.reply_locally(local_reply.RESPONSE_TOO_LARGE)

    def drained(self, direction: Direction) -> None:
        """Let a sender go on that had to wait for room."""
        sender = self.from_client if direction is REQUEST else self.from_upstream
        if sender.is_waiting:
            self._shared.loop.post(sender.go_on)

    def interrupted(self) -> None:
        """Send the reply that had to wait for the end of a callback."""
        prepared, self._prepared = self._prepared, None
        if prepared is not None and not self.is_over:
            self._send_locally(prepared)

    def _send_locally(self, reply: LocalReply) -> None:
        """Send a reply through the plugins."""
        self.client.status = reply.status
        headers, body = local_reply.compose(reply, self.request)
        self.response_lane.receive_headers(headers, ends=not body)
        if body and not self.is_over:
            self.response_lane.receive_body(body, ends=True)

    def _send_directly(self, reply: LocalReply) -> None:
        """Send a reply past the plugins, which are in the midst of another response."""
        self.client.status = reply.status
        headers, body = local_reply.compose(reply, self.request)
        self.client.send_headers(headers, ends=not body)
        if body:
            self.client.receive_body(body, ends=True)

    def _reset(self) -> None:
        """Cut the stream on both sides."""
        self.client.reset()
        for lane in (self.request_lane, self.response_lane):
            if lane.calling:
                lane.is_cut = True
        self.finish()

    def give_up(self, by: Literal["client", "connection"] = "client") -> None:
        """End, since the client resets the stream, or closes its connection."""
        self._paused_at = self.paused_at
        self.details, flag = local_reply.GIVEN_UP[by]
        self.flags |= flag
        self.finish()

    def finish(self) -> None:
        """Let the plugins log the stream and forget it."""
        if self.is_over:
            return
        self.is_over = True
        self.router.close()
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
        self.router.forget()
        self.client.forget()
