"""What crossed the boundary between host and guest, in order, and Envoy's own lines for it.

Envoy prints these lines under ``--component-log-level wasm:trace``; source: proxy-wasm-cpp-host
``src/v8/v8.cc`` (``getModuleFunctionImpl``, ``registerHostFunctionImpl``). Numbers are unsigned
there, and a call that traps has no line for its return.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum
from typing import Protocol

from wasmctl.messages import Pair

Value = int | str | bytes | IntEnum | tuple[Pair, ...] | None


class TraceKind(Enum):
    """Who called whom."""

    CALLBACK = "callback"
    HOSTCALL = "hostcall"


class Ending(Enum):
    """How a call ended."""

    RUNNING = "running"
    RETURNED = "returned"
    TRAPPED = "trapped"


@dataclass(frozen=True, kw_only=True)
class TraceRecord:
    """One call of the guest by the host, allocators included, or of the host by the guest.

    Attributes:
        module: the module a hostcall was imported from; empty for a callback.
        arguments: the raw numbers, unsigned.
        returned: the raw number, unsigned; None where nothing is returned.
        depth: how many calls it was made within; a record belongs to the last one before it that
            is less deep.
        vm: which of the host's machines, counted from 1 in the order of their start.
        context: the id of the context it acted on; 0 is the machine's own.
        plugin: the name of that context's plugin; empty for the machine.
        stream: the id of that context if it is a stream's.
        values: the arguments by name, decoded: enumerations, bytes, pairs. None stands for what
            could not be read. Of very long bytes it is the beginning.
        results: what a hostcall wrote through its return pointers, decoded alike; or the meaning
            of what a callback returned.
        status: the name of what a hostcall returned: a Status, or WASI's errno.
        explanation: why a hostcall refused; empty where it did not.

    """

    kind: TraceKind
    module: str = ""
    function: str
    arguments: tuple[int, ...]
    returned: int | None = None
    ending: Ending = Ending.RUNNING
    depth: int
    vm: int
    context: int
    plugin: str = ""
    stream: int | None = None
    values: tuple[tuple[str, Value], ...] = ()
    results: tuple[Value, ...] = ()
    status: str = ""
    explanation: str = ""


@dataclass(kw_only=True)
class Trace:
    """The records of all machines of a host."""

    records: list[TraceRecord] = field(default_factory=list)
    depth: int = 0
    machines: int = 0

    def recorder(self) -> "Recorder":
        """Return what takes down the calls of one more machine."""
        self.machines += 1
        return Recorder(self, self.machines)


class Place(Protocol):
    """A context, as far as a record tells of it."""

    @property
    def id(self) -> int:
        """Its number in its machine."""

    @property
    def plugin(self) -> "Named | None":
        """Its plugin's root context; None for the machine's own."""


class Named(Protocol):
    """A plugin's root context."""

    @property
    def id(self) -> int:
        """Its number in its machine."""

    @property
    def name(self) -> str:
        """The plugin's name."""


class Recorder:
    """Takes down the calls of one machine.

    Attributes:
        explanation: why the hostcall under way refuses.
        fault: what its memory access met.

    """

    def __init__(self, trace: Trace, vm: int) -> None:
        self._trace = trace
        self._vm = vm
        self.explanation = ""
        self.fault = ""

    def begin(
        self,
        kind: TraceKind,
        place: tuple[str, str],
        arguments: tuple[int, ...],
        values: tuple[tuple[str, Value], ...],
        context: Place | None,
    ) -> int:
        """Open a record, and return where it stands."""
        trace = self._trace
        plugin = context.plugin if context else None
        is_stream = context is not None and plugin is not None and context.id != plugin.id
        record = TraceRecord(
            kind=kind,
            module=place[0],
            function=place[1],
            arguments=arguments,
            depth=trace.depth,
            vm=self._vm,
            context=context.id if context else 0,
            plugin=plugin.name if plugin else "",
            stream=context.id if context and is_stream else None,
            values=values,
        )
        trace.records.append(record)
        trace.depth += 1
        self.explanation = self.fault = ""
        return len(trace.records) - 1

    def end(
        self,
        index: int,
        ending: Ending,
        *,
        returned: int | None = None,
        results: tuple[Value, ...] = (),
        status: str = "",
        explanation: str = "",
    ) -> None:
        """Close a record."""
        records = self._trace.records
        self._trace.depth = records[index].depth
        self.explanation = self.fault = ""
        records[index] = replace(
            records[index],
            ending=ending,
            returned=returned,
            results=results,
            status=status,
            explanation=explanation,
        )


def envoy_lines(records: Iterable[TraceRecord]) -> tuple[str, ...]:
    """Return the lines that Envoy prints for these calls."""
    return tuple(_lines(records))


def _lines(records: Iterable[TraceRecord]) -> Iterator[str]:
    running: list[TraceRecord] = []
    for record in records:
        while running and running[-1].depth >= record.depth:
            yield from _return_line(running.pop())
        arguments = ", ".join(map(str, record.arguments))
        arrow = "host->vm" if record.kind is TraceKind.CALLBACK else "vm->host"
        yield f"[{arrow}] {_name(record)}({arguments})"
        running.append(record)
    while running:
        yield from _return_line(running.pop())


def _return_line(record: TraceRecord) -> Iterator[str]:
    if record.ending is Ending.RETURNED:
        arrow = "host<-vm" if record.kind is TraceKind.CALLBACK else "vm<-host"
        returned = "void" if record.returned is None else record.returned
        yield f"[{arrow}] {_name(record)} return: {returned}"


def _name(record: TraceRecord) -> str:
    return f"{record.module}.{record.function}" if record.module else record.function
