"""The contexts of a plugin: what each one can see and change.

Every hostcall gets one of three: the machine's own (id 0: no plugin, no stream), a plugin's root
context, or a stream's. Ids are counted per machine (proxy-wasm-cpp-host ``src/context.cc``).
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

from wasmctl.abi.types import AbiVersion, BufferType, MapType, Status, StreamType
from wasmctl.host.body import Body
from wasmctl.host.callout import CalloutResponse
from wasmctl.host.gate import REQUEST, RESPONSE, Gate, Receiver
from wasmctl.host.header_map import HeaderMap
from wasmctl.host.hostcall import HostcallError
from wasmctl.host.shared import Shared
from wasmctl.host.ticks import Ticks
from wasmctl.host.traps import TrapError
from wasmctl.host.vm import Vm

if TYPE_CHECKING:
    from wasmctl.host.stream import HttpStream

# These buffers are null in Envoy outside their callbacks; any other is empty then.
_NULL_BUFFERS = (BufferType.HTTP_CALL_RESPONSE_BODY, BufferType.PLUGIN_CONFIGURATION)
_TOKEN_STEP = 4


@dataclass(kw_only=True)
class VmContext:
    """The machine itself: the context of calls that belong to no plugin.

    Attributes:
        contexts: every context of the machine by its id.

    """

    vm: Vm
    shared: Shared
    abi_version: AbiVersion
    vm_id: str = ""
    configuration: bytes = b""
    environment: Mapping[str, str] = field(default_factory=dict)
    contexts: dict[int, "Context"] = field(default_factory=dict)
    id: int = 0
    stream: None = None
    plugin: None = None
    is_logging: bool = False
    _last_id: int = 0
    _last_http_call: int = 0

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
        ticks: its timer.
        response: of the callout whose end it is told now, or None.
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
        self.stream = None
        self.is_logging = False
        self.ticks = Ticks(machine.shared.loop, self._tick)
        self.response: CalloutResponse | None = None
        self.status = (0, b"")
        machine.contexts[self.id] = self

    @property
    def plugin(self) -> "PluginContext":
        """Itself: every context of a plugin leads to its root."""
        return self

    def call(self, name: str, *arguments: int) -> int | None:
        """Call a callback of the plugin; None where it has none."""
        return self.machine.vm.call(self, name, self.id, *arguments)

    @property
    def is_alive(self) -> bool:
        """Whether it can still be called: it is not deleted, and its machine has not failed."""
        return self.machine.contexts.get(self.id) is self and self.machine.vm.failure is None

    def notify(self, name: str, *arguments: int) -> None:
        """Tell the plugin of an event, if it is alive; it may end by this."""
        if self.is_alive:
            with contextlib.suppress(TrapError):
                self.machine.vm.enter(lambda: self.call(name, *arguments))

    def receive(self, token: int, response: CalloutResponse | None) -> None:
        """Tell the plugin of a callout's end; without a response, that it was reset."""
        self.response = response
        counts = (0, 0, 0)
        if response is not None:
            counts = len(response.headers), len(response.body.content), len(response.trailers)
        else:
            self.status = (Status.BROKEN_CONNECTION, b"reset")
        self.notify("proxy_on_http_call_response", token, *counts)
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
        return self.machine.buffer(buffer_type)


class HttpContext:
    """A stream's context: the plugin at work on one request and its response.

    Attributes:
        request, response: the plugin's place in either direction.
        properties: what the plugin set, by the bytes of the path.
        is_logging: whether `proxy_on_log` runs, which may read what was sent.

    """

    def __init__(
        self,
        plugin: PluginContext,
        stream: "HttpStream",
        upstream: Receiver,
        client: Receiver,
    ) -> None:
        self.plugin = plugin
        self.machine = plugin.machine
        self.stream = stream
        self.id = plugin.machine.next_id()
        self.request = Gate(REQUEST, self, upstream)
        self.response = Gate(RESPONSE, self, client)
        self.properties: dict[bytes, bytes] = {}
        self.is_logging = False
        plugin.machine.contexts[self.id] = self

    def callback(self, name: str, *arguments: int) -> int:
        """Call the plugin, then do what it asked for meanwhile.

        Raises TrapError where it is or was ended, StreamCutError where it ended the stream.
        """
        vm = self.machine.vm
        returned = vm.call(self, name, self.id, *arguments)
        if vm.failure is not None:
            raise TrapError(vm.failure)
        self.stream.settle()
        return returned or 0

    def headers_callback(self, name: str, count: int, *, ends: bool) -> int:
        """Call the plugin for headers; ABI 0.1.0 is not told whether they are all."""
        if self.machine.abi_version is AbiVersion.V0_1_0:
            return self.callback(name, count)
        return self.callback(name, count, int(ends))

    def call(self, name: str, *arguments: int) -> None:
        """Call the plugin at the stream's beginning or end, where it cannot hold it.

        What it asks for at the beginning is done behind its next callback. Raises TrapError.
        """
        self.machine.vm.call(self, name, self.id, *arguments)

    def resume(self, stream_type: StreamType) -> None:
        """Let a direction go on; the request's side is out of sight at once, whichever it is."""
        self.request.close()
        if stream_type is StreamType.REQUEST:
            self.request.resume()
        elif stream_type is StreamType.RESPONSE:
            self.stream.continue_response()

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
        found = None
        if buffer_type is BufferType.HTTP_REQUEST_BODY:
            found = self.request.body
        elif buffer_type is BufferType.HTTP_RESPONSE_BODY:
            found = self.response.body
        return found or self.plugin.buffer(buffer_type)

    def forget(self) -> None:
        """End; what leads back here is let go at once, not only when Python looks for circles."""
        del self.machine.contexts[self.id]
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
