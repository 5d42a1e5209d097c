"""A plugin's root context: what lives as long as its configuration."""

import contextlib
from collections.abc import Callable
from operator import attrgetter

from wasmctl.abi.types import BufferType, MapType, Status
from wasmctl.host.body import Body
from wasmctl.host.callout import CalloutResponse
from wasmctl.host.expressions import Expressions
from wasmctl.host.filter_state import Declaration
from wasmctl.host.header_map import HeaderMap
from wasmctl.host.ticks import Ticks
from wasmctl.host.traps import TrapError
from wasmctl.host.vm_context import VmContext, closed

_RESPONSE_MAPS: dict[MapType, Callable[[CalloutResponse], HeaderMap | None]] = {
    MapType.HTTP_CALL_RESPONSE_HEADERS: attrgetter("headers"),
    MapType.HTTP_CALL_RESPONSE_TRAILERS: attrgetter("trailers"),
}


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
        with contextlib.suppress(TrapError):
            self.machine.vm.enter(lambda: self.call(name, *arguments))
        if self.machine.vm.failure is not None:
            self.machine.leave_streams(name)

    def receive(self, token: int, response: CalloutResponse | None) -> None:
        """Tell the plugin of a callout's end; without a response, that it was reset."""
        if not self.is_alive:
            return
        self.response = response
        counts = (0, 0, 0)
        if response is not None:
            trailers = len(response.trailers) if response.trailers is not None else 0
            counts = len(response.headers), len(response.body.content), trailers
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
        raise closed(map_type)

    def buffer(self, buffer_type: BufferType) -> Body | None:
        """Return the bytes behind a buffer, or None where it is null."""
        if buffer_type is BufferType.PLUGIN_CONFIGURATION and self.reads_configuration:
            return Body(self.configuration, writable=False)
        if buffer_type is BufferType.HTTP_CALL_RESPONSE_BODY and self.response:
            return self.response.body
        if buffer_type is BufferType.FOREIGN_FUNCTION_ARGUMENTS and self.call_data:
            return self.call_data
        return self.machine.buffer(buffer_type)
