"""The contexts of a plugin: what each one can see and change.

Every hostcall gets one of three: the machine's own (id 0: no plugin, no stream), a plugin's root
context, or a stream's. Ids are counted per machine (proxy-wasm-cpp-host ``src/context.cc``).
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

from wasmctl.abi.types import AbiVersion, BufferType, MapType, Status, StreamType
from wasmctl.host import edge
from wasmctl.host.body import Body
from wasmctl.host.callout import CalloutResponse
from wasmctl.host.edge import LocalReply
from wasmctl.host.expressions import Expressions
from wasmctl.host.filter_state import Declaration
from wasmctl.host.gate import REQUEST, RESPONSE, DataStatus, Direction, Gate, HeadersStatus
from wasmctl.host.hazards import HazardKind
from wasmctl.host.header_map import HeaderMap
from wasmctl.host.hostcall import HostcallError
from wasmctl.host.metrics import Metrics
from wasmctl.host.shared import Shared
from wasmctl.host.ticks import Ticks
from wasmctl.host.traps import TrapError
from wasmctl.host.vm import Vm

if TYPE_CHECKING:
    from wasmctl.host.stream import HttpStream

# These buffers are null in Envoy outside their callbacks; any other is empty then.
_NULL_BUFFERS = (BufferType.HTTP_CALL_RESPONSE_BODY, BufferType.PLUGIN_CONFIGURATION)
_TOKEN_STEP = 4
# Members of enumerations are slow to find.
_V0_1_0 = AbiVersion.V0_1_0
_STOP_HEADERS = HeadersStatus.STOP_ALL_ITERATION_AND_WATERMARK
_STOP_BODY = DataStatus.STOP_ITERATION_NO_BUFFER


@dataclass(kw_only=True)
class VmContext:
    """The machine itself: the context of calls that belong to no plugin.

    Attributes:
        contexts: every context of the machine by its id.
        metrics: by the machine's own ids.
        actions: what hostcalls asked for that happens when the callback is over, in order.
        stops: whether the callback holds its stream, whatever it returns: it sent a response.

    """

    vm: Vm
    shared: Shared
    abi_version: AbiVersion
    vm_id: str = ""
    configuration: bytes = b""
    environment: Mapping[str, str] = field(default_factory=dict)
    contexts: dict[int, "Context"] = field(default_factory=dict)
    metrics: Metrics = field(init=False)
    actions: deque[Callable[[], None]] = field(default_factory=deque)
    stops: bool = False
    id: int = 0
    stream: None = None
    plugin: None = None
    is_logging: bool = False
    _last_id: int = 0
    _last_http_call: int = 0
    _last_lookup: int = 1

    def __post_init__(self) -> None:
        self.metrics = Metrics(self.shared.metrics.by_key)

    @property
    def machine(self) -> "VmContext":
        """Itself: every context leads to its machine."""
        return self

    def next_id(self) -> int:
        """Count a new context."""
        self._last_id += 1
        return self._last_id

    def next_http_call(self) -> int:
        """Count a new callout; the lowest two bits of its token tell that it is one of HTTP."""
        self._last_http_call += _TOKEN_STEP
        return self._last_http_call

    def next_lookup(self) -> int:
        """Count a new lookup of a name; Envoy begins with 2."""
        self._last_lookup += 1
        return self._last_lookup

    def leave_streams(self, callback: str) -> None:
        """Tell of the streams that a failed machine holds, and nothing releases any more."""
        for context in self.contexts.values():
            if isinstance(context, HttpContext) and context.stream.paused_at:
                context.stream.report(HazardKind.FAILED_WHILE_PAUSED, callback)

    def settle(self) -> None:
        """Do what the callback that is over asked for (cpp-host ``doAfterVmCallActions``)."""
        self.stops = False
        while self.actions:
            self.actions.popleft()()

    def readable_map(self, _map_type: MapType) -> HeaderMap | None:
        """A machine has no headers."""
        return None

    def writable_map(self, map_type: MapType) -> HeaderMap:
        """A machine has no headers: raises HostcallError."""
        raise _closed(map_type)

    def buffer(self, buffer_type: BufferType) -> Body | None:
        """Return the bytes behind a buffer, or None where it is null."""
        if buffer_type is BufferType.VM_CONFIGURATION:
            return Body(self.configuration, writable=False)
        return None if buffer_type in _NULL_BUFFERS else Body(b"", writable=False)


class PluginContext:
    """A plugin's root context.

    Attributes:
        reads_configuration: whether the configuration is readable now: while the context is made
            and configured.
        is_ending: whether its end was announced, and it asked to wait for `proxy_done`.
        may_stop_iteration: whether STOP_ITERATION in a headers callback keeps its meaning; else it
            is STOP_ALL_ITERATION_AND_WATERMARK.
        passes_failed: whether streams pass it once it has failed (``fail_open``).
        retired: where another one serves in its place: called as each of its streams ends.
        ticks: its timer.
        response: of the callout whose end it is told now, or None.
        declarations: of the properties that its streams set, by the bytes of the path.
        call_data: of the event that it is told of now, or None.
        expressions: what it compiled.
        status: the code and message of the callout that failed last; the code stays.

    """

    def __init__(self, machine: VmContext, name: str, root_id: str, configuration: bytes) -> None:
        self.machine = machine
        self.name = name
        self.root_id = root_id
        self.configuration = configuration
        self.id = machine.next_id()
        self.reads_configuration = False
        self.is_ending = False
        self.may_stop_iteration = False
        self.passes_failed = False
        self.retired: Callable[[], None] | None = None
        self.stream = None
        self.is_logging = False
        self.ticks = Ticks(machine.shared.loop, self._tick)
        self.response: CalloutResponse | None = None
        self.status = (0, b"")
        self.call_data: Body | None = None
        self.declarations: dict[bytes, Declaration] = {}
        self.expressions = Expressions()
        machine.contexts[self.id] = self

    @property
    def plugin(self) -> "PluginContext":
        """Itself: every context of a plugin leads to its root."""
        return self

    def call(self, name: str, *arguments: int) -> int | None:
        """Call a callback of the plugin; None where it has none. Raises TrapError."""
        try:
            return self.machine.vm.call(self, name, self.id, *arguments)
        finally:
            self.machine.settle()

    @property
    def is_alive(self) -> bool:
        """Whether it can still be called: it is not deleted, and its machine has not failed."""
        return self.machine.contexts.get(self.id) is self and self.machine.vm.failure is None

    def notify(self, name: str, *arguments: int) -> None:
        """Tell the plugin of an event, if it is alive; it may end by this."""
        if not self.is_alive:
            return
        try:
            self.machine.vm.enter(lambda: self.call(name, *arguments))
        except TrapError:
            self.machine.leave_streams(name)

    def receive(self, token: int, response: CalloutResponse | None) -> None:
        """Tell the plugin of a callout's end; without a response, that it was reset."""
        if not self.is_alive:
            return
        self.response = response
        counts = (0, 0, 0)
        if response is not None:
            counts = len(response.headers), len(response.body.content), len(response.trailers)
        else:
            self.status = (Status.BROKEN_CONNECTION, b"reset")
        # First of what follows the callback: what that resumes sees no response any more.
        self.machine.actions.append(self._end_response)
        self.notify("proxy_on_http_call_response", token, *counts)

    def _end_response(self) -> None:
        self.response, self.status = None, (self.status[0], b"")

    def _tick(self) -> bool:
        self.notify("proxy_on_tick")
        return self.is_alive

    def readable_map(self, map_type: MapType) -> HeaderMap | None:
        """A root context has headers while it is told of a callout's response."""
        find = _RESPONSE_MAPS.get(map_type)
        return find(self.response) if find and self.response else None

    def writable_map(self, map_type: MapType) -> HeaderMap:
        """A root context has nothing to change: raises HostcallError."""
        raise _closed(map_type)

    def buffer(self, buffer_type: BufferType) -> Body | None:
        """Return the bytes behind a buffer, or None where it is null."""
        if buffer_type is BufferType.PLUGIN_CONFIGURATION and self.reads_configuration:
            return Body(self.configuration, writable=False)
        if buffer_type is BufferType.HTTP_CALL_RESPONSE_BODY and self.response:
            return self.response.body
        if buffer_type is BufferType.FOREIGN_FUNCTION_ARGUMENTS and self.call_data:
            return self.call_data
        return self.machine.buffer(buffer_type)


class HttpContext:
    """A stream's context: the plugin at work on one request and its response.

    Attributes:
        request, response: the plugin's place in either direction.
        is_logging: whether `proxy_on_log` runs, which may read what was sent.
        declarations: of properties, made by itself, which are of no use.

    """

    def __init__(self, plugin: PluginContext, stream: "HttpStream") -> None:
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
        if self._has_failed or not self._is_created:
            return 0
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
        if self._has_failed or not self._is_created:
            return 0
        return min(self._ask(direction.body, _STOP_BODY, size, int(ends)), _STOP_BODY)

    def on_trailers(self, direction: Direction, count: int) -> int:
        """Call the plugin for trailers."""
        gate = self.request if direction is REQUEST else self.response
        if gate.accumulates and direction.trailers not in self.machine.vm.exports:
            self.stream.report(HazardKind.PASSED_BY_TRAILERS, direction.body)
        if self._has_failed or not self._is_created:
            return 0
        return min(self._ask(direction.trailers, 1, count), 1)

    def _ask(self, name: str, stop: int, *arguments: int) -> int:
        """Call the plugin, do what it asked for meanwhile, and return its status.

        ``stop`` is what Envoy takes for its status where it sent a response, or has failed.
        """
        machine = self.machine
        status = self._call(name, arguments)
        if machine.vm.failure is not None:
            status = self._fail(stop)
        elif machine.stops:
            status = stop
        if machine.actions or machine.stops:
            machine.settle()
        return status

    def _call(self, name: str, arguments: tuple[int, ...]) -> int:
        vm = self.machine.vm
        if name not in vm.exports or vm.failure is not None:
            return 0
        try:
            returned = vm.call(self, name, self.id, *arguments)
        except TrapError:
            returned = 0
        if vm.failure is not None:
            self.stream.trap = vm.failure
        return returned or 0

    def _fail(self, stop: int) -> int:
        """Let the stream pass a plugin that has failed, or answer it.

        Source: cpp-host ``src/context.cc`` (``CHECK_FAIL_HTTP``), Envoy's ``failStream``.
        """
        if self.plugin.passes_failed:
            return 0
        if not self._has_failed:
            self.stream.reply_locally(edge.PLUGIN_FAILED)
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
        if name not in self.machine.vm.exports:
            return
        self._call(name, arguments)
        if self.machine.actions or self.machine.stops:
            self.machine.settle()

    def reply(self, reply: LocalReply) -> None:
        """Let the plugin answer, when its callback is over; its first word counts."""
        if self.stream.is_over:
            self.stream.report(HazardKind.ANSWERED_AT_THE_END, self.machine.vm.callback)
        else:
            self.machine.actions.append(partial(self.stream.reply_locally, reply))

    def resume(self, stream_type: StreamType) -> None:
        """Let a direction go on; the request's side is out of sight at once, whichever it is."""
        stream = self.stream
        if stream_type is StreamType.REQUEST:
            self.machine.actions.append(partial(stream.resume_request, self.request))
        elif stream_type is StreamType.RESPONSE:
            if stream.has_response:
                self.machine.actions.append(partial(stream.resume_response, self.response))
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
            return self.stream.sent(map_type)
        find = _OPEN_MAPS.get(map_type)
        return find(self) if find else self.plugin.readable_map(map_type)

    def writable_map(self, map_type: MapType) -> HeaderMap:
        """Return a map that the plugin may change now; trailers may begin to exist by this.

        In the log all are closed. Raises HostcallError where it may not.
        """
        find = _OPEN_MAPS.get(map_type)
        found = find(self) if find else None
        if found is None and map_type is MapType.HTTP_REQUEST_TRAILERS:
            found = self.request.added_trailers()
        elif found is None and map_type is MapType.HTTP_RESPONSE_TRAILERS:
            found = self.response.added_trailers()
        if found is None:
            raise _closed(map_type)
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


def _closed(map_type: MapType) -> HostcallError:
    return HostcallError(Status.BAD_ARGUMENT, f"{map_type.name} cannot be changed now")


# Attribute getters of C: a plugin asks for nothing as often as for headers.
_OPEN_MAPS: dict[MapType, Callable[[HttpContext], HeaderMap | None]] = {
    MapType.HTTP_REQUEST_HEADERS: attrgetter("request.headers"),
    MapType.HTTP_REQUEST_TRAILERS: attrgetter("request.trailers"),
    MapType.HTTP_RESPONSE_HEADERS: attrgetter("response.headers"),
    MapType.HTTP_RESPONSE_TRAILERS: attrgetter("response.trailers"),
}

_RESPONSE_MAPS: dict[MapType, Callable[[CalloutResponse], HeaderMap]] = {
    MapType.HTTP_CALL_RESPONSE_HEADERS: attrgetter("headers"),
    MapType.HTTP_CALL_RESPONSE_TRAILERS: attrgetter("trailers"),
}

Context: TypeAlias = VmContext | PluginContext | HttpContext
