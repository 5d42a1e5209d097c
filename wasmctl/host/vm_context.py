"""The context of a machine itself: id 0, no plugin, no stream."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wasmctl.abi.types import AbiVersion, BufferType, MapType, Status
from wasmctl.host.body import Body
from wasmctl.host.hazards import HazardKind
from wasmctl.host.header_map import HeaderMap
from wasmctl.host.hostcall import HostcallError
from wasmctl.host.metrics import Metrics
from wasmctl.host.shared import Shared
from wasmctl.host.vm import Vm

if TYPE_CHECKING:
    from wasmctl.host.context import Context

# These buffers are null in Envoy outside their callbacks; any other is empty then.
_NULL_BUFFERS = (BufferType.HTTP_CALL_RESPONSE_BODY, BufferType.PLUGIN_CONFIGURATION)
_TOKEN_STEP = 4


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
            if context.stream is not None and context.stream.paused_at:
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
        raise closed(map_type)

    def buffer(self, buffer_type: BufferType) -> Body | None:
        """Return the bytes behind a buffer, or None where it is null."""
        if buffer_type is BufferType.VM_CONFIGURATION:
            return Body(self.configuration, writable=False)
        return None if buffer_type in _NULL_BUFFERS else Body(b"", writable=False)


def closed(map_type: MapType) -> HostcallError:
    """Return the refusal to change a map that is not open now."""
    return HostcallError(Status.BAD_ARGUMENT, f"{map_type.name} cannot be changed now")
