"""Envoy's own lines of a trace, as the records that the embedded host makes of its calls.

Numbers are decoded as far as they say something without the plugin's memory; of bytes only their
size is known. Source of the lines: see ``wasmctl.host.trace``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from wasmctl.abi.types import Status
from wasmctl.host import (
    Ending,
    TraceKind,
    TraceRecord,
    explanations,
    trace_callbacks,
    trace_values,
)
from wasmctl.host.hostcall import Convention, Hostcall, Octets
from wasmctl.host.hostcalls import HOSTCALLS
from wasmctl.host.trace import Value

_CALL = re.compile(r"\[(host->vm|vm->host)\] (?:(\w+)\.)?(\w+)\(([0-9, ]*)\)")
_RETURN = re.compile(r"\[(?:host<-vm|vm<-host)\] (?:\w+\.)?(\w+) return: (\w+)")
_ROOT = "plugin_context_id"
# What a refusal means, where only its status is known.
_MEANINGS: dict[int, str] = {
    Status.NOT_FOUND: "there is none",
    Status.BAD_ARGUMENT: "an argument is not one that is allowed",
    Status.SERIALIZATION_FAILURE: "a result could not be encoded",
    Status.INVALID_MEMORY_ACCESS: "a pointer leads out of the plugin's memory",
    Status.EMPTY: "there is nothing in it",
    Status.CAS_MISMATCH: "the value has changed since it was read",
    Status.INTERNAL_FAILURE: "the host could not do it now",
    Status.UNIMPLEMENTED: "the host does not have it",
}


def records(lines: Iterable[str], plugin: str) -> tuple[TraceRecord, ...]:
    """Read the lines of one VM, which has one plugin; others among them are passed over."""
    reading = _Reading(plugin)
    for line in lines:
        if found := _CALL.match(line):
            numbers = tuple(int(each) for each in found[4].split(",") if each.strip())
            reading.begin(found[1] == "host->vm", found[2] or "", found[3], numbers)
        elif found := _RETURN.match(line):
            reading.end(found[1], int(found[2]) if found[2].isdigit() else None)
    return tuple(reading.found)


@dataclass
class _Reading:
    """The records so far; ``running`` are the numbers of those that have not returned.

    Attributes:
        roots: the contexts that are no streams: the machine's own, and the plugin's.

    """

    plugin: str
    found: list[TraceRecord] = field(default_factory=list)
    running: list[int] = field(default_factory=list)
    roots: set[int] = field(default_factory=lambda: {0, 1})

    def begin(self, is_callback: bool, module: str, name: str, numbers: tuple[int, ...]) -> None:  # noqa: FBT001 - read from the line
        if is_callback and self.running and self._top().kind is TraceKind.CALLBACK:
            # A host calls nothing inside of a callback but from a hostcall: the last one trapped.
            self._trapped()
        if is_callback:
            kind, values = TraceKind.CALLBACK, trace_callbacks.arguments(name, numbers)
            context = numbers[0] if numbers and name.startswith("proxy_on_") else 0
            self.roots.update({context} if values[:1] == ((_ROOT, context),) else ())
        else:
            kind, values = TraceKind.HOSTCALL, _values(HOSTCALLS.get(name), numbers)
            context = self._top().context if self.running else 0
        record = TraceRecord(
            kind=kind,
            module=module,
            function=name,
            arguments=numbers,
            ending=Ending.TRAPPED,  # a call that traps has no line for its return
            depth=len(self.running),
            vm=1,
            context=context,
            plugin=self.plugin if context else "",
            stream=None if context in self.roots else context,
            values=values,
        )
        self.running.append(len(self.found))
        self.found.append(record)

    def end(self, name: str, returned: int | None) -> None:
        while self.running and self._top().function != name:
            self._trapped()
        if not self.running:
            return
        number = self.running.pop()
        record = self.found[number]
        results: tuple[Value, ...] = ()
        if record.kind is TraceKind.CALLBACK:
            results = trace_callbacks.results(name, returned)
        self.found[number] = replace(
            record,
            ending=Ending.RETURNED,
            returned=returned,
            results=results,
            status="" if record.kind is TraceKind.CALLBACK else _status(name, returned),
            explanation=_explanation(record, returned),
        )

    def _top(self) -> TraceRecord:
        return self.found[self.running[-1]]

    def _trapped(self) -> None:
        self.running.pop()


def _values(declared: Hostcall | None, numbers: tuple[int, ...]) -> tuple[tuple[str, Value], ...]:
    if declared is None:
        return tuple(("", number) for number in numbers)
    found: list[tuple[str, Value]] = []
    at = 0
    for name, kind in declared.parameters:
        if isinstance(kind, Octets):
            found.append((name.strip("_"), f"{numbers[at + 1]} bytes"))
            at += 2
        else:
            found.append((name.strip("_"), trace_values.number(kind, numbers[at])))
            at += 1
    return tuple(found)


def _explanation(record: TraceRecord, returned: int | None) -> str:
    """Say why a hostcall refused, as far as its numbers tell."""
    declared = HOSTCALLS.get(record.function)
    if record.kind is TraceKind.CALLBACK or declared is None or not returned:
        return ""
    found = next(explanations.bad_members(declared, record.arguments), "")
    is_status = declared.convention is Convention.STATUS
    return found or (_MEANINGS.get(returned, "") if is_status else "")


def _status(name: str, returned: int | None) -> str:
    declared = HOSTCALLS.get(name)
    if declared is not None:
        return trace_values.status(declared, returned)
    return Status(returned).name if returned in tuple(Status) else ""
