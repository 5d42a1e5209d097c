"""What Envoy's log tells of callbacks and hostcalls: the component ``wasm`` at level trace.

A line each for the call and the return, both ways: ``[host->vm] proxy_on_log(2)``,
``[host<-vm] proxy_on_log return: void``, ``[vm->host] env.proxy_log(2, 16, 9)``,
``[vm<-host] env.proxy_log return: 0``. Arguments are numbers; what they point at is not told.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from wasmctl.abi.types import LogLevel
from wasmctl.envoy.logs import Entry

_CALLED = re.compile(r"\[host->vm\] ((?:proxy|envoy)_on_\w+|_initialize|_start|main)\(")
_BEGAN = re.compile(r"\[host->vm\] (proxy_on_\w+)\(([\d, -]*)\)")
_RETURNED = re.compile(r"\[host<-vm\] (proxy_on_\w+) return: (\S+)")
_ASKED = re.compile(r"\[vm->host\] env\.(proxy_\w+)\(([\d, -]*)\)")
_ANSWERED = re.compile(r"\[vm<-host\] env\.(proxy_\w+) return: (\d+)")
_CALLS = ("[host->vm] ", "[host<-vm] ", "[vm->host] ", "[vm<-host] ")
STREAM_CALLBACKS = frozenset(
    f"proxy_on_{side}_{part}"
    for side in ("request", "response")
    for part in ("headers", "body", "trailers")
)
# Hostcalls after which a callback may come that resumes a stopped stream.
_PROMISING = frozenset(
    {
        *("proxy_http_call", "proxy_grpc_call", "proxy_grpc_stream"),
        *("proxy_set_tick_period_milliseconds", "proxy_register_shared_queue"),
    }
)
# Hostcalls after which a stopped stream moves.
_RESUMING = frozenset(
    {
        *("proxy_continue_stream", "proxy_continue_request", "proxy_continue_response"),
        *("proxy_send_local_response", "proxy_close_stream"),
    }
)


def last_callback(entries: Iterable[Entry]) -> str | None:
    """Return the callback that began last."""
    names = [found[1] for entry in entries if (found := _CALLED.match(entry.text))]
    return names[-1] if names else None


def unreturned(last: Entry | None) -> str | None:
    """Return the callback that has begun and not returned, if ``last`` is all it has done."""
    return last_callback([last]) if last else None


@dataclass
class _Flow:
    """What the callbacks of one thread have done to streams, by the number of their context."""

    order: list[int] = field(default_factory=list)
    stopped: dict[int, str] = field(default_factory=dict)
    callouts: int = 0
    hostcalls: Counter[str] = field(default_factory=Counter)
    tick_period: int = 0
    is_promised: bool = False
    _running: list[tuple[str, int]] = field(default_factory=list)
    _effective: int = 0
    _period: int = 0

    def read(self, text: str) -> None:
        if found := _BEGAN.match(text):
            self._begin(found[1], [int(part) for part in found[2].split(", ") if part])
        elif found := _RETURNED.match(text):
            self._return(found[1], found[2])
        elif found := _ASKED.match(text):
            self._ask(found[1], [part for part in found[2].split(", ") if part])
        elif (found := _ANSWERED.match(text)) and found[2] == "0":
            self._answered(found[1])

    def _begin(self, name: str, arguments: list[int]) -> None:
        context = arguments[0] if arguments else 0
        if name == "proxy_on_context_create" and arguments[1:] != [0]:
            self.order.append(context)
        self._running.append((name, context))
        self._effective = context

    def _return(self, name: str, value: str) -> None:
        # A trap leaves callbacks that never returned.
        while self._running and self._running[-1][0] != name:
            self._running.pop()
        if not self._running:
            return
        _, context = self._running.pop()
        if name in STREAM_CALLBACKS:
            if value == "0":
                self.stopped.pop(context, None)
            else:
                self.stopped[context] = name
        elif name == "proxy_on_delete":
            self.stopped.pop(context, None)
        self._effective = self._running[-1][1] if self._running else 0

    def _ask(self, name: str, arguments: list[str]) -> None:
        self.hostcalls[name] += 1
        if name == "proxy_set_effective_context":
            self._effective = int(arguments[0])
        elif name == "proxy_set_tick_period_milliseconds":
            self._period = int(arguments[0])
        elif name in _RESUMING:
            self.stopped.pop(self._effective, None)

    def _answered(self, name: str) -> None:
        self.is_promised |= name in _PROMISING
        if name == "proxy_http_call":
            self.callouts += 1
        elif name == "proxy_set_tick_period_milliseconds":
            self.tick_period = self._period


def calls(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the lines of calls and returns."""
    return tuple(entry.text for entry in entries if entry.text.startswith(_CALLS))


def flow(entries: Iterable[Entry]) -> "Flow":
    """Return what the callbacks of one thread have done, from their beginning on."""
    found = _Flow()
    for entry in entries:
        if entry.level is LogLevel.TRACE:
            found.read(entry.text)
    return Flow(
        order=tuple(found.order),
        stopped=found.stopped,
        callouts=found.callouts,
        hostcalls=found.hostcalls,
        tick_period=found.tick_period,
        is_promised=found.is_promised,
    )


@dataclass(frozen=True, kw_only=True)
class Flow:
    """What the callbacks of one thread have done.

    Attributes:
        order: the numbers of stream contexts, in the order of their creation.
        stopped: the callback that has stopped a stream, by the number of its context.
        callouts: how many HTTP callouts were begun.
        hostcalls: how often each was called.
        tick_period: in milliseconds; 0: there are no ticks.
        is_promised: whether anything was called that may resume a stream later.

    """

    order: tuple[int, ...]
    stopped: Mapping[int, str]
    callouts: int
    hostcalls: Mapping[str, int]
    tick_period: int
    is_promised: bool
