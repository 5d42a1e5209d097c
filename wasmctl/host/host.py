"""The host: it starts a plugin as Envoy does, runs requests through it, and ends it.

One machine, one plugin, one stream at a time so far. Everything that Envoy would refuse at the
start is a LoadError; everything that happens later is a value.
"""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

from wasmctl import messages
from wasmctl.abi.types import LogLevel
from wasmctl.host import fastcall, lifecycle, load, plaincall
from wasmctl.host.callout import Callout
from wasmctl.host.clock import Clock
from wasmctl.host.clusters import Cluster
from wasmctl.host.compiling import CompileError, CompileLimitError
from wasmctl.host.context import PluginContext, VmContext
from wasmctl.host.engine import Limits, runtime
from wasmctl.host.exchange import Exchange
from wasmctl.host.hazards import Hazard
from wasmctl.host.hostcalls import HOSTCALLS
from wasmctl.host.linkage import Linkage
from wasmctl.host.load import LoadError
from wasmctl.host.shared import Shared
from wasmctl.host.shared_data import SharedValues
from wasmctl.host.shared_queues import SharedQueues
from wasmctl.host.stream import HttpStream
from wasmctl.host.trace import TraceRecord
from wasmctl.host.traps import TrapError, lines
from wasmctl.host.vm import Vm
from wasmctl.messages import Message
from wasmctl.outcomes import Outcome
from wasmctl.plugin import Plugin
from wasmctl.records import LogLine, Trap

_OK = messages.response(200)


class Host:
    """A proxy around one plugin. Use `Host.start`, best in a ``with`` statement."""

    def __init__(self, plugin: PluginContext) -> None:
        self._plugin = plugin
        self._is_open = True

    @classmethod
    def start(
        cls,
        plugin: Plugin | bytes,
        *,
        configuration: bytes = b"",
        name: str = "plugin",
        root_id: str = "",
        vm_id: str = "",
        vm_configuration: bytes = b"",
        environment: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        cache: Path | None = None,
        log_level: LogLevel = LogLevel.TRACE,
        seed: int = 0,
        fast_calls: bool = fastcall.AVAILABLE,
        trace: bool = False,
        clusters: Mapping[str, Cluster] | None = None,
    ) -> Self:
        """Load, start and configure a plugin.

        Args:
            plugin: the module, opened or as bytes.
            configuration: what the plugin reads when it is configured.
            name: the plugin's name in Envoy's configuration.
            root_id: which of the module's plugins is meant.
            vm_id: the name under which machines share data.
            vm_configuration: what the plugin may read at any time.
            environment: the variables of its machine.
            limits: what it may use.
            cache: a folder for compiled modules; None compiles anew.
            log_level: messages below it are dropped.
            seed: of the random numbers that WASI offers.
            fast_calls: whether to cross the boundary unchecked, which is much faster.
            clusters: where callouts lead, besides the origin's own "upstream", and what becomes of
                each there.
            trace: whether to take down every call across the boundary.

        Raises LoadError where a real Envoy would refuse.

        """
        accepted = load.accept(plugin)
        vm = _machine(accepted, limits or Limits(), cache, fast=fast_calls, traced=trace)
        machine = VmContext(
            vm=vm,
            shared=Shared(log_level=log_level, random=Random(seed), clusters=clusters or {}),  # noqa: S311
            abi_version=accepted.abi_version,
            vm_id=vm_id,
            configuration=vm_configuration,
            environment=environment or {},
        )
        vm.idle = machine
        vm.recorder = machine.shared.trace.recorder()
        root = PluginContext(machine, name, root_id, configuration)
        try:
            vm.enter(lambda: lifecycle.start(root))
        except BaseException:
            vm.close()
            raise
        root.machine.shared.loop.run()
        return cls(root)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the plugin; what was seen can still be asked for."""
        if not self._is_open:
            return
        self._is_open = False
        self._plugin.ticks.stop()
        self._shared.callouts.cancel(self._plugin)
        try:
            with contextlib.suppress(TrapError):
                self._vm.enter(lambda: lifecycle.end(self._plugin))
        finally:
            self._vm.close()

    def http(self, request: Message, reply: Message = _OK) -> Exchange:
        """Send a request through the plugin; if it reaches the upstream whole, ``reply`` returns.

        What a hostcall raised by mistake, and KeyboardInterrupt, come out as themselves.
        """
        if not self._is_open:
            raise RuntimeError("the host is closed")
        stream = HttpStream(self._plugin, request, reply)
        self._vm.enter(stream.run)
        self._shared.loop.run()
        return stream.exchange()

    def advance(self, nanoseconds: int) -> None:
        """Let time pass: ticks and whatever else is due happen, each at its time."""
        self._shared.loop.advance(nanoseconds)

    def shared_data(self, vm_id: str = "") -> SharedValues:
        """Return what machines with this id share, to read and to change."""
        return SharedValues(self._shared.data, vm_id)

    @property
    def queues(self) -> SharedQueues:
        """The shared queues."""
        return self._shared.queues

    @property
    def callouts(self) -> tuple[Callout, ...]:
        """The callouts that were made, in order, each with its state of now."""
        return self._shared.callouts.all

    def answer(self, callout: Callout, outcome: Outcome) -> None:
        """Say what becomes of a callout that is held; raises ValueError where it is over."""
        self._shared.callouts.answer(callout, outcome)
        self._shared.loop.run()

    @property
    def logs(self) -> tuple[LogLine, ...]:
        """The plugin's messages since its start."""
        return self._shared.logs

    @property
    def metrics(self) -> Mapping[str, int]:
        """Counters and gauges with their value, histograms with their number of samples."""
        return self._shared.metrics.values

    @property
    def counters(self) -> Mapping[str, int]:
        """The counters among the metrics."""
        return self._shared.metrics.counters

    @property
    def fuel(self) -> int:
        """What the plugin consumed, start included: equal from run to run on one wasmtime."""
        return self._vm.fuel

    @property
    def memory(self) -> int:
        """Bytes of the plugin's linear memory, which never shrinks."""
        return self._vm.memory.measure() if self._is_open else self._vm.memory_size

    @property
    def trap(self) -> Trap | None:
        """What ended the plugin for good; every request is answered with 503 from then on."""
        return self._vm.failure

    @property
    def unimplemented(self) -> tuple[str, ...]:
        """What the plugin wanted that Envoy has and this host has not yet, in order."""
        return tuple(self._vm.unimplemented)

    @property
    def hazards(self) -> tuple[Hazard, ...]:
        """Mistakes of the plugin that a real proxy would suffer from, in order."""
        return tuple(self._shared.hazards)

    @property
    def trace(self) -> tuple[TraceRecord, ...]:
        """Every call across the boundary, in order, if the host was asked to take them down."""
        return tuple(self._shared.trace.records)

    @property
    def clock(self) -> Clock:
        """The clock that the plugin sees; it stands still until it is advanced."""
        return self._shared.clock

    @property
    def _shared(self) -> Shared:
        return self._plugin.machine.shared

    @property
    def _vm(self) -> Vm:
        return self._plugin.machine.vm


def _machine(plugin: Plugin, limits: Limits, cache: Path | None, *, fast: bool, traced: bool) -> Vm:
    """Compile a plugin and give it a machine, not started yet; raises LoadError."""
    entry_points = load.entry_points(plugin)
    try:
        compiled = runtime().load(plugin.content, plugin.digest, cache, limits)
        compiled.confirm(entry_points)
    except CompileLimitError as error:
        hint = "see what its compiler generated: a function of a megabyte is none a person wrote"
        raise LoadError(str(error), hint=hint) from error
    except CompileError as error:
        hint = "build the module again, with a compiler whose WebAssembly Envoy knows"
        raise LoadError(load.CORRUPTED, hint=hint, details=lines(str(error))) from error
    return Vm(runtime(), _linkage(fast=fast, traced=traced), compiled, entry_points, limits)


def _linkage(*, fast: bool, traced: bool) -> Linkage:
    own = runtime()
    key = fast, traced
    if key not in own.linkages:
        calls = fastcall if fast else plaincall
        own.linkages[key] = Linkage(own.engine, calls, HOSTCALLS, traced=traced)
    return own.linkages[key]
