"""A stream's context: a plugin at work on one request and its response.

How its callbacks are called, and what becomes of what they return, follows
proxy-wasm-cpp-host ``src/context.cc`` and Envoy source/extensions/common/wasm/context.cc.
"""

from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

from wasmctl.abi.types import AbiVersion, BufferType, MapType, StreamType
from wasmctl.host import local_reply
from wasmctl.host.body import Body
from wasmctl.host.filter_state import Declaration
from wasmctl.host.gate import REQUEST, RESPONSE, DataStatus, Direction, Gate, HeadersStatus
from wasmctl.host.hazards import HazardKind
from wasmctl.host.header_map import HeaderMap
from wasmctl.host.local_reply import LocalReply
from wasmctl.host.plugin_context import PluginContext
from wasmctl.host.traps import TrapError
from wasmctl.host.vm_context import closed

if TYPE_CHECKING:
    from wasmctl.host.active_stream import ActiveStream

# Members of enumerations are slow to find.
_V0_1_0 = AbiVersion.V0_1_0
_REQUEST_HEADERS, _RESPONSE_HEADERS = MapType.HTTP_REQUEST_HEADERS, MapType.HTTP_RESPONSE_HEADERS
_STOP_HEADERS = HeadersStatus.STOP_ALL_ITERATION_AND_WATERMARK
_STOP_BODY = DataStatus.STOP_ITERATION_NO_BUFFER


class HttpContext:
    """A stream's context: the plugin at work on one request and its response.

    Attributes:
        request, response: the plugin's place in either direction.
        is_logging: whether `proxy_on_log` runs, which may read what was sent.
        declarations: of properties, made by itself, which are of no use.

    """

    __slots__ = (
        *("_has_failed", "_is_created", "declarations", "id", "is_logging", "machine", "plugin"),
        *("request", "response", "stream"),
    )

    def __init__(self, plugin: PluginContext, stream: "ActiveStream") -> None:
        self.plugin = plugin
        self.machine = plugin.machine
        self.stream = stream
        self.id = plugin.machine.next_id()
        self.is_logging = False
        self.declarations: dict[bytes, Declaration] = {}
        self._is_created = False
        self._has_failed = False  # and the stream was answered for it
        self.request = Gate(REQUEST, self, stream.request_lane)
        self.response = Gate(RESPONSE, self, stream.response_lane)
        self.machine.contexts[self.id] = self

    def on_headers(self, direction: Direction, count: int, *, ends: bool) -> int:
        """Call the plugin for headers; ABI 0.1.0 is not told whether they are all."""
        if self.machine.abi_version is _V0_1_0:
            status = self._ask(direction.headers, _STOP_HEADERS, count)
        else:
            status = self._ask(direction.headers, _STOP_HEADERS, count, int(ends))
        return self._as_read(status) if status else 0

    def _as_read(self, status: int) -> int:
        """Return a status of a headers callback as Envoy reads it."""
        if status == HeadersStatus.CONTINUE_AND_END_STREAM:
            return 0
        if status == HeadersStatus.STOP_ITERATION and self.plugin.may_stop_iteration:
            return status
        buffers = status == HeadersStatus.STOP_ALL_ITERATION_AND_BUFFER
        return status if buffers else _STOP_HEADERS

    def on_body(self, direction: Direction, size: int, *, ends: bool) -> int:
        """Call the plugin for a frame of the body."""
        vm = self.machine.vm
        if direction.body not in vm.exports and vm.failure is None:
            return 0
        return min(self._ask(direction.body, _STOP_BODY, size, int(ends)), _STOP_BODY)

    def on_trailers(self, direction: Direction, count: int) -> int:
        """Call the plugin for trailers."""
        gate = self.request if direction is REQUEST else self.response
        if gate.accumulates and direction.trailers not in self.machine.vm.exports:
            self.stream.report(HazardKind.PASSED_BY_TRAILERS, direction.body)
        return min(self._ask(direction.trailers, 1, count), 1)

    def _ask(self, name: str, stop: int, *arguments: int) -> int:
        """Call the plugin, do what it asked for meanwhile, and return its status.

        ``stop`` is what Envoy takes for its status where it sent a response, or has failed.
        """
        if self._has_failed or not self._is_created:
            return 0
        machine = self.machine
        vm = machine.vm
        status: int | None = None
        if vm.failure is None:
            try:
                status = vm.call(self, name, self.id, *arguments)
            except TrapError:
                status = None
            if vm.failure is not None:  # its allocator can fail without a word
                self.stream.trap = vm.failure
        if vm.failure is not None:
            status = self._fail(stop)
        elif machine.stops:
            status = stop
        if machine.actions or machine.stops:
            machine.settle()
        return status or 0

    def _fail(self, stop: int) -> int:
        """Let the stream pass a plugin that has failed, or answer it.

        Source: cpp-host ``src/context.cc`` (``CHECK_FAIL_HTTP``), Envoy's ``failStream``.
        """
        if self.plugin.passes_failed:
            return 0
        if not self._has_failed:
            self.stream.reply_locally(local_reply.PLUGIN_FAILED)
            self._has_failed = True
        return stop

    def create(self) -> None:
        """Make the context in the machine, once."""
        if not self._is_created:
            # In this order: a stream that ends by this is logged as one that has no context yet.
            self._tell("proxy_on_context_create", self.plugin.id)
            self._is_created = True

    def log(self) -> None:
        """Let the plugin log the stream, even one it never saw."""
        self.request.close()
        self.response.close()
        self.create()
        self.is_logging = True
        self._tell("proxy_on_log")
        self.is_logging = False

    def delete(self) -> None:
        """End the context; it cannot delay that."""
        self._tell("proxy_on_done")
        self._tell("proxy_on_delete")
        self.machine.contexts.pop(self.id, None)
        if self.plugin.retired is not None:
            self.plugin.retired()

    def _tell(self, name: str, *arguments: int) -> None:
        """Call the plugin where it cannot hold the stream."""
        machine = self.machine
        vm = machine.vm
        if vm.failure is not None or name not in vm.exports:
            return
        try:
            vm.call(self, name, self.id, *arguments)
        except TrapError:
            self.stream.trap = vm.failure
        if vm.failure is not None:
            self.stream.trap = vm.failure
        if machine.actions or machine.stops:
            machine.settle()

    def reply(self, reply: LocalReply) -> None:
        """Let the plugin answer, when its callback is over; its first word counts."""
        if self.stream.is_over:
            self.stream.report(HazardKind.ANSWERED_AT_THE_END, self.machine.vm.callback)
        else:
            callback = self.machine.vm.callback
            self.machine.actions.append(partial(self._answer, reply, callback))

    def _answer(self, reply: LocalReply, callback: str) -> None:
        if self.stream.is_over and self.stream.response_lane.calling:
            self.stream.report(HazardKind.ANSWERED_TWICE, callback)
        self.stream.reply_locally(reply)

    def resume(self, stream_type: StreamType) -> None:
        """Let a direction go on; the request's side is out of sight at once, whichever it is."""
        stream = self.stream
        if stream_type is StreamType.REQUEST:
            self.machine.actions.append(partial(stream.request_lane.resume, self.request))
        elif stream_type is StreamType.RESPONSE:
            if stream.has_response:
                self.machine.actions.append(partial(stream.response_lane.resume, self.response))
            else:
                stream.report(HazardKind.NO_RESPONSE_YET, self.machine.vm.callback)
        else:
            return
        self.request.close()

    def reset(self) -> None:
        """Let the plugin cut the stream, when its callback is over."""
        if self.stream.is_over:
            self.stream.report(HazardKind.CLOSED_AT_THE_END, self.machine.vm.callback)
        else:
            self.machine.actions.append(self.stream.close_by_plugin)

    def readable_map(self, map_type: MapType) -> HeaderMap | None:
        """Return a map if the plugin may read it now."""
        if self.is_logging:
            find_sent = _SENT_MAPS.get(map_type)
            return find_sent(self.stream) if find_sent else None
        if map_type is _REQUEST_HEADERS:
            return self.request.headers
        if map_type is _RESPONSE_HEADERS:
            return self.response.headers
        if map_type is MapType.HTTP_REQUEST_TRAILERS:
            return self.request.trailers
        if map_type is MapType.HTTP_RESPONSE_TRAILERS:
            return self.response.trailers
        return self.plugin.readable_map(map_type)

    def writable_map(self, map_type: MapType) -> HeaderMap:
        """Return a map that the plugin may change now; trailers may begin to exist by this.

        In the log all are closed. Raises HostcallError where it may not.
        """
        found = None
        if map_type is _REQUEST_HEADERS:
            found = self.request.headers
        elif map_type is _RESPONSE_HEADERS:
            found = self.response.headers
        elif map_type is MapType.HTTP_REQUEST_TRAILERS:
            found = self.request.added_trailers()
        elif map_type is MapType.HTTP_RESPONSE_TRAILERS:
            found = self.response.added_trailers()
        if found is None:
            raise closed(map_type)
        return found

    def buffer(self, buffer_type: BufferType) -> Body | None:
        """Return the bytes behind a buffer, or None where it is null."""
        if buffer_type is BufferType.HTTP_REQUEST_BODY:
            gate = self.request
        elif buffer_type is BufferType.HTTP_RESPONSE_BODY:
            gate = self.response
        else:
            return self.plugin.buffer(buffer_type)
        if gate.has_stale_body and self.machine.vm.current is not self:
            self.stream.report(HazardKind.BODY_GONE, self.machine.vm.callback)
        return gate.body or self.plugin.buffer(buffer_type)

    def forget(self) -> None:
        """Let go at once what leads back here, not only when Python looks for circles."""
        del self.stream, self.request, self.response


# As they went out; Envoy keeps no request trailers for the log.
_SENT_MAPS: dict[MapType, Callable[["ActiveStream"], HeaderMap | None]] = {
    MapType.HTTP_REQUEST_HEADERS: attrgetter("request_headers"),
    MapType.HTTP_RESPONSE_HEADERS: attrgetter("client.peer.headers"),
    MapType.HTTP_RESPONSE_TRAILERS: attrgetter("client.peer.trailers"),
}
