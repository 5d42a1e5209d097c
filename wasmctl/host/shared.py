"""What all machines of a host share: the log, the metrics, the clock, the random numbers."""

import copy
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from wasmctl.abi.types import LogLevel
from wasmctl.host.callouts import Callouts
from wasmctl.host.clock import Clock
from wasmctl.host.clusters import Cluster
from wasmctl.host.downstream import Connections
from wasmctl.host.given import GivenProperties
from wasmctl.host.hazards import Hazard
from wasmctl.host.loop import Loop
from wasmctl.host.metrics import Metrics
from wasmctl.host.names import Names
from wasmctl.host.protocol import HttpProtocol
from wasmctl.host.shared_data import SharedData
from wasmctl.host.shared_queues import SharedQueues
from wasmctl.host.trace import Trace
from wasmctl.outcomes import HELD
from wasmctl.records import LogLine


@dataclass(kw_only=True)
class Shared:
    """The state around the machines.

    Attributes:
        log_level: messages below it are dropped; what `proxy_get_log_level` tells.
        loop: what will happen, in order.
        clusters: where callouts lead, and what becomes of them there.
        names: whose addresses can be looked up.
        protocol: of client and upstream.
        buffer_limit: how many bytes of a body plugins may hold back.
        route_timeout: nanoseconds that the upstream has to answer a request.
        given: properties that a tester gives.
        connections: the clients'.
        hazards: mistakes of the plugin, in order.
        trace: what crossed the boundary, if that is taken down.

    """

    log_level: LogLevel
    random: Random
    clock: Clock = field(default_factory=Clock)
    metrics: Metrics = field(default_factory=Metrics)
    clusters: Mapping[str, Cluster] = field(default_factory=dict)
    names: Names = field(default_factory=lambda: Names({}))
    protocol: HttpProtocol = HttpProtocol.HTTP_2
    buffer_limit: int = 1 << 20
    route_timeout: int = 15_000_000_000
    given: GivenProperties = field(default_factory=GivenProperties)
    connections: Connections = field(default_factory=Connections)
    data: SharedData = field(default_factory=SharedData)
    loop: Loop = field(init=False)
    queues: SharedQueues = field(init=False)
    callouts: Callouts = field(init=False)
    hazards: list[Hazard] = field(default_factory=list)
    trace: Trace = field(default_factory=Trace)
    _messages: list[tuple[LogLevel, bytes, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.loop = Loop(self.clock)
        self.queues = SharedQueues(self.loop.post)
        self.callouts = Callouts(self.loop, self.clusters)

    def apart(self) -> "Shared":
        """Return what machines share that leave what lasts here, and nothing else.

        Their messages, traces and events are their own, and their callouts go nowhere.
        """
        copied = dataclasses.replace(
            self,
            random=copy.copy(self.random),
            clusters=dict.fromkeys(self.clusters, lambda _: HELD),
            hazards=[],
            trace=Trace(),
            _messages=[],
        )
        copied.queues = self.queues
        return copied

    def log(self, level: LogLevel, message: bytes, plugin: str = "") -> None:
        """Take a plugin's message."""
        if level >= self.log_level:
            self._messages.append((level, message, plugin))

    @property
    def logs(self) -> tuple[LogLine, ...]:
        """The messages so far; bytes that are not UTF-8 appear as U+FFFD."""
        return tuple(
            LogLine(level=level, text=message.decode(errors="replace"), plugin=plugin)
            for level, message, plugin in self._messages
        )
