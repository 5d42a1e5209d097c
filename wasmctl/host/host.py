"""The host: it starts plugins as Envoy does, runs requests through them, and ends them.

Everything that Envoy would refuse at the start is a LoadError; everything that happens later is a
value.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self, Unpack

from wasmctl import messages
from wasmctl.host import exchange, load
from wasmctl.host import options as host_options
from wasmctl.host.active_stream import ActiveStream
from wasmctl.host.callout import Callout
from wasmctl.host.chain import Chain
from wasmctl.host.clock import Clock
from wasmctl.host.downstream import CLIENT
from wasmctl.host.exchange import Exchange
from wasmctl.host.hazards import Hazard
from wasmctl.host.machines import Machines
from wasmctl.host.options import HostOptions, StartOptions
from wasmctl.host.settings import PluginSettings
from wasmctl.host.shared import Shared
from wasmctl.host.shared_data import SharedValues
from wasmctl.host.shared_queues import SharedQueues
from wasmctl.host.stream import HttpStream
from wasmctl.host.trace import TraceRecord
from wasmctl.host.workshop import Workshop
from wasmctl.messages import Message, Pair
from wasmctl.outcomes import HELD, Outcome
from wasmctl.outcomes import reply as reply_with
from wasmctl.plugin import Plugin
from wasmctl.records import LogLine, Trap

_OK = messages.response(200)
_SECOND = 1_000_000_000


class Host:
    """A proxy around a chain of plugins.

    Use `Host.start` for one, `Host.chain` for several, best in a ``with`` statement.
    """

    def __init__(self, shared: Shared, machines: Machines, chain: Chain) -> None:
        self._shared = shared
        self._machines = machines
        self._chain = chain
        self._is_open = True
        self._last_reply: Message | Outcome = _OK
        self._origin = reply_with(_OK)

    @classmethod
    def start(cls, plugin: Plugin | bytes, **options: Unpack[StartOptions]) -> Self:
        """Load, start and configure one plugin.

        Its options are those of `PluginSettings` and of `HostOptions`.
        Raises LoadError where a real Envoy would refuse.
        """
        own, others = host_options.divided(options)
        return cls.chain([PluginSettings(plugin=plugin, **own)], **others)

    @classmethod
    def chain(cls, settings: Sequence[PluginSettings], **options: Unpack[HostOptions]) -> Self:
        """Load, start and configure plugins, in the order in which requests meet them.

        Raises LoadError where a real Envoy would refuse.
        """
        shared = host_options.shared(options)
        workshop = host_options.workshop(options)
        machines = Machines(shared, workshop)
        try:
            opened = [_open(each, workshop) for each in settings]
            plugins = machines.entrance.enter(lambda: Chain(machines, opened))
        except BaseException:
            machines.close()
            raise
        host = cls(shared, machines, plugins)
        machines.entrance.enter(shared.loop.run)
        return host

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
        """End the plugins, and what streams are open; what was seen can still be asked for."""
        if not self._is_open:
            return
        self._is_open = False
        try:
            self._give_up_all()
            self._machines.entrance.enter(self._chain.end)
        finally:
            self._machines.close()

    def http(
        self,
        request: Message,
        reply: Message | Outcome = _OK,
        *,
        seconds: float = 5.0,
        source: str = CLIENT,
    ) -> Exchange:
        """Send a request through the plugins, and return what came of it.

        If it reaches the upstream whole, ``reply`` is what that does. Time passes while the
        stream is open and something can still happen, at most ``seconds``; then the client gives
        up. What a hostcall raised by mistake, and KeyboardInterrupt, come out as themselves.
        """
        if self._last_reply is not reply:
            self._last_reply = reply
            self._origin = reply if isinstance(reply, Outcome) else reply_with(reply)
        stream = self._stream(request, self._origin, source)
        self._machines.entrance.enter(stream.play)
        if not stream.is_over:
            self.wait(lambda: stream.is_over, int(seconds * _SECOND))
            self._give_up(stream)
        return exchange.of(stream)

    def _give_up(self, stream: ActiveStream) -> None:
        if not stream.is_over:
            self._run(stream.give_up)

    def _give_up_all(self) -> None:
        for stream in self._chain.open_streams:
            self._give_up(stream)

    def wait(self, done: Callable[[], bool], nanoseconds: int) -> bool:
        """Let time pass until it is done, while something can happen; say whether it is done."""
        until = self._shared.loop.now + nanoseconds
        while not done() and self._step(until):
            pass
        return done()

    def _step(self, until: int) -> bool:
        """Let happen what is due next, as an entry of its own; say whether there was anything."""
        return self._machines.entrance.enter(lambda: self._shared.loop.step(until))

    def send(self, request: Message, origin: Outcome = HELD, *, source: str = CLIENT) -> HttpStream:
        """Send a request; it is where it gets without time passing.

        ``source`` is the client's address and port: requests from one share its connection.
        """
        stream = self._stream(request, origin, source)
        self._machines.entrance.enter(stream.play)
        return HttpStream(stream, self._run)

    def open(
        self,
        headers: Sequence[Pair],
        *,
        ends: bool = False,
        origin: Outcome = HELD,
        source: str = CLIENT,
    ) -> HttpStream:
        """Send a request's headers; the rest follows by `HttpStream.send_body` and its kin."""
        stream = self._stream(Message(headers=tuple(headers)), origin, source)
        self._run(lambda: stream.from_client.send_headers(stream.request_headers, ends=ends))
        return HttpStream(stream, self._run)

    def _stream(self, request: Message, origin: Outcome, source: str) -> ActiveStream:
        if not self._is_open:
            raise RuntimeError("the host is closed")
        return ActiveStream(self._chain.handles, request, origin, self._shared, source)

    def _run(self, work: Callable[[], object]) -> None:
        """Do what calls guests, and what follows from it at once."""

        def all_of_it() -> None:
            work()
            self._shared.loop.run()

        self._machines.entrance.enter(all_of_it)

    def advance(self, nanoseconds: int) -> None:
        """Let time pass: ticks and whatever else is due happen, each at its time."""
        loop = self._shared.loop
        until = loop.now + nanoseconds
        while self._step(until):
            pass
        loop.advance(until - loop.now)

    def reconfigure(self, name: str, configuration: bytes) -> None:
        """Give a plugin another configuration, as an update of its listener does.

        It gets a new root context in the same machine; the old one ends when its streams have.
        Raises LoadError where the plugin refuses, KeyError where there is none of this name.
        """
        if all(handle.settings.name != name for handle in self._chain.handles):
            raise KeyError(name)
        self._run(lambda: self._chain.reconfigure(name, configuration))

    def restart_vm(self) -> None:
        """Throw the machines away, with what streams are open, and start the plugins in new ones.

        What they share stays. Raises LoadError where a plugin does not start again.
        """
        self._give_up_all()
        self._run(self._chain.restart)

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
        self._run(lambda: self._shared.callouts.answer(callout, outcome))

    @property
    def logs(self) -> tuple[LogLine, ...]:
        """The plugins' messages since their start."""
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
        """What the plugins consumed, start included: equal from run to run on one wasmtime."""
        return sum(machine.vm.fuel for machine in self._machines.all)

    @property
    def memory(self) -> int:
        """Bytes of the machines' linear memory, which never shrinks."""
        return sum(machine.vm.memory_now for machine in self._machines.all)

    @property
    def trap(self) -> Trap | None:
        """What ended the first of the machines that failed."""
        failures = (machine.vm.failure for machine in self._machines.all)
        return next((failure for failure in failures if failure), None)

    @property
    def tick_period(self) -> int:
        """The milliseconds between two ticks of the first plugin that ticks; 0: none does."""
        periods = (handle.root.ticks.period for handle in self._chain.handles)
        return next(filter(None, periods), 0)

    @property
    def unimplemented(self) -> tuple[str, ...]:
        """What the plugins wanted that Envoy has and this host has not yet, in order."""
        wanted = [name for machine in self._machines.all for name in machine.vm.unimplemented]
        return tuple(dict.fromkeys(wanted))

    @property
    def hazards(self) -> tuple[Hazard, ...]:
        """Mistakes of the plugins that a real proxy would suffer from, in order."""
        return tuple(self._shared.hazards)

    @property
    def trace(self) -> tuple[TraceRecord, ...]:
        """Every call across the boundary, in order, if the host was asked to take them down."""
        return tuple(self._shared.trace.records)

    @property
    def clock(self) -> Clock:
        """The clock that the plugins see; it stands still until it is advanced."""
        return self._shared.clock


def _open(settings: PluginSettings, workshop: Workshop) -> PluginSettings:
    """Read and compile a plugin; raises LoadError."""
    accepted = load.accept(settings.plugin)
    workshop.prepare(accepted)
    return dataclasses.replace(settings, plugin=accepted)
