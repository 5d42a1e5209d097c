"""The life of an HTTP stream: the request through the plugin to the upstream, the reply back.

In the order of Envoy: request headers, body, trailers; then the same of the response, once the
upstream has the whole request; then log, done, delete. A local reply runs through the response
callbacks as long as no response has begun; afterwards it goes straight to the client, or, where
headers went out before, the stream is reset.
"""

from collections.abc import Callable

from wasmctl.abi.types import MapType
from wasmctl.host import edge, gate
from wasmctl.host.clock import Clock
from wasmctl.host.context import HttpContext, PluginContext
from wasmctl.host.edge import LocalReply
from wasmctl.host.exchange import Exchange
from wasmctl.host.gate import Receiver
from wasmctl.host.hazards import Hazard, HazardKind
from wasmctl.host.header_map import HeaderMap, MapKind
from wasmctl.host.peer import Peer
from wasmctl.host.traps import TrapError
from wasmctl.messages import Message
from wasmctl.records import Trap


class StreamCutError(Exception):
    """The stream ends here: with a reply, or (None) without."""

    def __init__(self, reply: LocalReply | None) -> None:
        super().__init__()
        self.reply = reply


class HttpStream:
    """One request on its way.

    Attributes:
        request: as the client sent it.
        request_headers: as they went on, or would have.
        request_bytes: of its body, that arrived so far.
        details: ``response.code_details``.
        began: nanoseconds since 1970.
        paused_at: the callback that stopped it for good, once it has ended.

    """

    def __init__(self, plugin: PluginContext, request: Message, reply: Message) -> None:
        self.request = request
        self.request_bytes = 0
        self._local_status: int | None = None
        self.details = ""
        self.upstream = Peer(_inspect_request)
        clock = plugin.machine.shared.clock
        self.client = Peer(lambda headers: _inspect_response(headers, clock))
        self._reply = reply
        self.began = clock.nanoseconds
        self.paused_at: str | None = None
        self.request_headers = edge.admit(request)
        self._is_running = False
        self._is_responding = False
        self._was_reset = False
        self._asked: StreamCutError | None = None
        self._trap: Trap | None = None
        self._hazards: list[Hazard] = []
        self.context = HttpContext(plugin, self, self.upstream, self.client)

    def run(self) -> None:
        """Go as far as the plugin lets it, and end."""
        try:
            if self.context.machine.vm.failure is None:
                self._live()
                self._end()
            else:
                self._send_directly(edge.PLUGIN_FAILED)
        finally:
            self.context.forget()

    def exchange(self) -> Exchange:
        """Return what came of it."""
        return Exchange(
            upstream=self.upstream.message,
            upstream_complete=self.upstream.complete,
            client=self.client.message,
            client_complete=self.client.complete,
            paused_at=self.paused_at,
            details=self.details,
            trap=self._trap,
            hazards=tuple(self._hazards),
        )

    @property
    def response_code(self) -> int | None:
        """The status of the response that began, or None."""
        if self._local_status is not None:
            return self._local_status
        return self._reply.status if self._is_responding else None

    def ask_reply(self, reply: LocalReply) -> None:
        """Let the plugin answer itself, when its callback is over; its first word counts."""
        if not self._is_running:
            self._report(HazardKind.ANSWERED_AT_THE_END)
        elif self._asked is None:
            self._asked = StreamCutError(reply)

    def continue_response(self) -> None:
        """Let the plugin's response go on, which there has to be."""
        if not self._is_responding:
            self._report(HazardKind.NO_RESPONSE_YET)
        self.context.response.resume()

    def ask_reset(self) -> None:
        """Let the plugin cut the stream, when its callback is over."""
        if self._is_running and self._asked is None:
            self._asked = StreamCutError(None)

    def settle(self) -> None:
        """Do what the plugin asked for in the callback that is over."""
        asked, self._asked = self._asked, None
        if asked is not None:
            raise asked

    def _report(self, kind: HazardKind, callback: str = "") -> None:
        machine = self.context.machine
        hazard = Hazard(kind=kind, callback=callback or machine.vm.callback)
        self._hazards.append(hazard)
        machine.shared.hazards.append(hazard)

    def _live(self) -> None:
        self._is_running = True
        self._attempt(self._send_request)
        if self.upstream.complete and not self._is_responding:
            self._attempt(self._send_reply)
        self._is_running = False

    def _attempt(self, send: Callable[[], None]) -> None:
        try:
            send()
        except StreamCutError as cut:
            self._cut(cut.reply)
        except TrapError as error:
            self._trap = error.trap
            self._was_reset = True
            if self.client.headers is None:
                self._send_directly(edge.PLUGIN_FAILED)

    def _send_request(self) -> None:
        context = self.context
        context.call("proxy_on_context_create", context.plugin.id)
        self._send(self.request, self.request_headers, context.request, MapKind.REQUEST_TRAILERS)

    def _send_reply(self) -> None:
        self._is_responding = True
        self.details = "via_upstream"
        headers = HeaderMap(MapKind.RESPONSE_HEADERS, self._reply.headers)
        self._send(self._reply, headers, self.context.response, MapKind.RESPONSE_TRAILERS)

    def _send(
        self, message: Message, headers: HeaderMap, receiver: Receiver, trailers: MapKind
    ) -> None:
        """Send a message, a frame at a time; the last one tells that it is the last."""
        chunks = message.chunks
        receiver.receive_headers(headers, ends=not chunks and not message.trailers)
        for index, chunk in enumerate(chunks, 1):
            if message is self.request:
                self.request_bytes += len(chunk)
            receiver.receive_body(chunk, ends=index == len(chunks) and not message.trailers)
        if message.trailers:
            receiver.receive_trailers(HeaderMap(trailers, message.trailers))

    def _cut(self, reply: LocalReply | None) -> None:
        """End the stream as its plugin, or Envoy around it, wants it."""
        if reply is None or self.client.headers is not None:
            self._was_reset = True
            self.details = self.details or "wasm_close_stream"
        elif self._is_responding:
            self._send_directly(reply)
        else:
            self._is_responding = True
            self._attempt(lambda: self._send_locally(reply, self.context.response))

    def _send_directly(self, reply: LocalReply) -> None:
        self._send_locally(reply, self.client)

    def _send_locally(self, reply: LocalReply, receiver: Receiver) -> None:
        self.details = reply.details
        self._local_status = reply.status
        headers, body = edge.compose(reply, self.request)
        receiver.receive_headers(headers, ends=not body)
        if body:
            receiver.receive_body(body, ends=True)

    def _end(self) -> None:
        """Let the plugin log and forget the stream; if it is stuck, the client gave up first."""
        context = self.context
        if not self.client.complete and not self._was_reset:
            self.paused_at = context.request.paused_at or context.response.paused_at
        if context.request.passed_twice:
            self._report(HazardKind.SENT_TWICE, gate.REQUEST.headers)
        if self.paused_at:
            self.details = "downstream_remote_disconnect"
        context.request.close()
        context.response.close()
        try:
            context.is_logging = True
            context.call("proxy_on_log")
            context.is_logging = False
            context.call("proxy_on_done")
            context.call("proxy_on_delete")
        except TrapError as error:
            self._trap = error.trap
        finally:
            context.is_logging = False

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


def _inspect_request(headers: HeaderMap) -> None:
    refusal = edge.route(headers)
    if refusal:
        raise StreamCutError(refusal)


def _inspect_response(headers: HeaderMap, clock: Clock) -> None:
    refusal = edge.check_response(headers)
    if refusal:
        raise StreamCutError(refusal)
    edge.finish(headers, clock.seconds)
