"""A case on the host, and what must hold of it whatever the plugins do."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from tests.fuzz import driver
from tests.fuzz.cases import Case
from tests.fuzz.driver import KEY
from tests.fuzz.moves import MOVES, OUTCOMES
from wasmctl.host import (
    Ending,
    Host,
    Limits,
    LoadError,
    TraceKind,
    TraceRecord,
    envoy_lines,
    timeline,
)
from wasmctl.records import TrapKind

_MILLISECOND = 1_000_000
_TWICE = 30  # each so manieth case is run again, and has to come out the same


class BrokenError(Exception):
    """Something does not hold."""


@dataclass
class Tally:
    """What was reached: how often each hostcall returned each status.

    Attributes:
        cases: chains of plugins that were started, or refused.
        runs: starts and what was done afterwards, each with a script or a module of its own.
        reached: those in which a plugin made a hostcall, as far as they were traced.
        loaded: cases that were not refused.

    """

    cases: int = 0
    runs: int = 0
    reached: int = 0
    loaded: int = 0
    traps: Counter[str] = field(default_factory=Counter)
    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)


def play(case: Case, number: int, tally: Tally) -> None:
    """Run a case; raises BrokenError, or what the host should not have raised."""
    tally.cases += 1
    seen = _run(case, number)
    tally.loaded += seen.loaded
    if seen.trap:
        tally.traps[seen.trap] += 1
    begins = (0, *seen.rounds)
    for begin, end in zip(begins, (*seen.rounds, len(seen.trace)), strict=True):
        tally.runs += 1
        tally.kinds[case.kind] += 1
        _look(seen.trace[begin:end], tally)
    if number % _TWICE == 0 and case.kind != "bomb":
        _compare(seen, _run(case, number))


@dataclass(frozen=True, kw_only=True)
class _Seen:
    loaded: bool
    trace: tuple[TraceRecord, ...]
    rounds: tuple[int, ...] = ()  # where in the trace each begins
    trap: str = ""
    fuel: int = 0


def _run(case: Case, number: int) -> _Seen:
    random = Random(number)  # noqa: S311 - to be repeated
    patience = 1.0 if case.kind == "bomb" else 60.0
    try:
        host = Host.chain(
            case.plugins,
            limits=Limits(
                memory=1 << 26, fuel=case.fuel, seconds=10, growth=1 << 28, compile_seconds=patience
            ),
            clusters={"callout": lambda _callout: random.choice(OUTCOMES)},
            seed=number,
            fast_calls=number % 7 != 0,
            trace=number % 8 != 0,
        )
    except LoadError as error:
        if not error.message or not error.hint:
            raise BrokenError("a refusal without a reason or a hint") from error
        return _Seen(loaded=False, trace=error.trace)
    with host:
        begins = []
        for each in case.rounds:
            if host.trap:
                break
            begins.append(len(host.trace))
            for settings in case.plugins:
                host.shared_data(settings.vm_id)[KEY] = each.script
            (move,) = random.choices([*MOVES], weights=[*MOVES.values()])
            move(host, random, each.request, each.answer)
            host.advance(5 * _MILLISECOND)
    trap = str(host.trap.kind) if host.trap else ""
    return _Seen(loaded=True, trace=host.trace, rounds=tuple(begins), trap=trap, fuel=host.fuel)


def _compare(one: _Seen, other: _Seen) -> None:
    """See that a second run is the first again, where no clock has ended either."""
    by_clock = {str(TrapKind.TIME_LIMIT), str(TrapKind.MEMORY_LIMIT)}
    if one != other and not by_clock & {one.trap, other.trap}:
        raise BrokenError("a second run is another")


def _look(records: tuple[TraceRecord, ...], tally: Tally) -> None:
    """Count the hostcalls of a trace, and see that it is sound."""
    hostcalls = [record for record in records if record.kind is TraceKind.HOSTCALL]
    tally.reached += not all(driver.loads(each.function, each.arguments) for each in hostcalls)
    for record in hostcalls:
        tally.statuses[record.function, record.status or record.ending.value] += 1
        _check(record)
    if any(record.ending is Ending.RUNNING for record in records):
        raise BrokenError("a call that never ended")
    envoy_lines(records)
    timeline(records)


def _check(record: TraceRecord) -> None:
    refused = record.ending is Ending.RETURNED and record.returned not in {0, None}
    if refused and record.status and not record.explanation:
        raise BrokenError(f"{record.function} refuses with {record.status} and does not say why")
    if record.module == "env" and record.status.startswith("status"):
        raise BrokenError(f"{record.function} returned {record.returned}, which is no status")
