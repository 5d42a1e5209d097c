"""Where two targets part: what each saw of the same test, edge by edge.

An expectation says what an author cares for; here all that both targets saw is compared, so that a
difference is known before somebody's expectation depends on it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from wasmctl.messages import Pair
from wasmctl.testing import calls
from wasmctl.testing.noise import is_noise
from wasmctl.testing.observation import Observation, Seen
from wasmctl.testing.octets import as_text
from wasmctl.testing.quoting import apart, quoted
from wasmctl.testing.report import Result

# Runtimes look at the clock as often as time passes, on one machine more than on the other.
_CLOCK = "clock_time_get"
_TWO = 2


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One edge of one test that two targets saw differently.

    Attributes:
        edge: where: ``client.headers.x-a``, ``logs[2]``, ``trap``; ``calls[17]`` is the first call
            between host and plugin that differs.
        seen: what each target saw, by its name.
        known: the reason that the scenario gives (``diverges``); None: nobody expected it.

    """

    file: Path
    line: int
    test: str
    edge: str
    seen: tuple[tuple[str, str], ...]
    known: str | None = None


@dataclass(frozen=True, kw_only=True)
class Parity:
    """How many tests ran on two targets, and where those parted.

    Attributes:
        healed: tests that are said to diverge, and do not.

    """

    compared: int
    differences: tuple[Difference, ...]
    healed: tuple[Result, ...] = ()

    @property
    def parted(self) -> int:
        """How many tests parted though nobody expected it."""
        return len({(each.file, each.test) for each in self.differences if each.known is None})


def of(results: Sequence[Result]) -> Parity:
    """Compare what the first two targets of every test saw."""
    ran = _by_test(results)
    by_pair = [(pair, tuple(_differences(*pair))) for pair in ran]
    return Parity(
        compared=len(ran),
        differences=tuple(each for _, found in by_pair for each in found),
        healed=tuple(pair[0] for pair, found in by_pair if pair[0].diverges and not found),
    )


def as_json(parity: Parity) -> dict[str, Any]:
    """Return it as a key of the report; nothing where nothing was compared."""
    if not parity.compared:
        return {}
    differences = [
        {
            "file": str(each.file),
            "line": each.line,
            "name": each.test,
            "edge": each.edge,
            "seen": dict(each.seen),
            "known": each.known,
        }
        for each in parity.differences
    ]
    healed = [{"file": str(each.file), "name": each.name} for each in parity.healed]
    found = {"compared": parity.compared, "differences": differences, "healed": healed}
    return {"parity": found}


def _by_test(results: Sequence[Result]) -> list[tuple[Result, Result]]:
    groups: dict[tuple[Path, str], list[Result]] = defaultdict(list)
    for result in results:
        if result.observation is not None:
            groups[result.file, result.name].append(result)
    return [(group[0], group[1]) for group in groups.values() if len(group) >= _TWO]


def _differences(first: Result, second: Result) -> Iterator[Difference]:
    if first.observation is None or second.observation is None:
        return
    for edge, one, other in _edges(first.observation, second.observation):
        yield Difference(
            file=first.file,
            line=first.line,
            test=first.name,
            edge=edge,
            seen=((first.target, one), (second.target, other)),
            known=first.diverges,
        )


_Edge = tuple[str, str, str]


def _edges(one: Observation, other: Observation) -> Iterator[_Edge]:
    yield from _plain("configured", str(one.configured).lower(), str(other.configured).lower())
    yield from _plain("trap", _trap(one), _trap(other))
    # Whether the first part of a request comes through can hang on a connection's warmth.
    whole = [[seen for seen in each.upstream if seen.complete] for each in (one, other)]
    yield from _plain("upstream", *(f"{len(seen)} whole requests" for seen in whole))
    for index, pair in enumerate(zip(*whole, strict=False)):
        yield from _messages(f"upstream[{index}]", *pair)
    yield from _clients(one, other)
    yield from _callouts(one, other)
    yield from _plain("paused_at", one.paused_at or "never", other.paused_at or "never")
    yield from _plain("tick_period", str(one.tick_period), str(other.tick_period))
    yield from _logs(one, other)
    yield from _calls(one, other)
    for name in sorted({*one.metrics, *other.metrics}):
        # A metric that one target keeps for all tests of a file may be there with 0 added.
        left, right = one.metrics.get(name, 0), other.metrics.get(name, 0)
        yield from _plain(f"metrics.{name}", str(left), str(right))


def _clients(one: Observation, other: Observation) -> Iterator[_Edge]:
    if len(one.clients) > 1 or len(other.clients) > 1:
        pairs = zip_longest(one.clients, other.clients)
        named = [(f"client[{index}]", *pair) for index, pair in enumerate(pairs)]
    else:
        named = [("client", one.client, other.client)]
    for edge, left, right in named:
        if left and right:
            yield from _messages(edge, left, right)
        else:
            yield from _plain(edge, _answered(left), _answered(right))


def _callouts(one: Observation, other: Observation) -> Iterator[_Edge]:
    counts = [f"{len(each.callouts)} callouts" for each in (one, other)]
    yield from _plain("callouts", *counts)
    for index, (left, right) in enumerate(zip(one.callouts, other.callouts, strict=False)):
        edge = f"callouts[{index}]"
        yield from _plain(f"{edge}.to", left.to, right.to)
        yield from _messages(edge, Seen(message=left.message), Seen(message=right.message))


def _plain(edge: str, one: str, other: str) -> Iterator[_Edge]:
    if one != other:
        yield edge, one, other


def _trap(seen: Observation) -> str:
    return f"{seen.trap.kind} in {seen.trap.callback}" if seen.trap else "none"


def _answered(seen: Seen | None) -> str:
    return "an answer" if seen else "none"


def _messages(edge: str, one: Seen, other: Seen) -> Iterator[_Edge]:
    yield from _fields(f"{edge}.headers", one.message.headers, other.message.headers)
    bodies = as_text(one.message.body), as_text(other.message.body)
    if bodies[0] != bodies[1]:
        yield f"{edge}.body", *apart(*bodies)
    yield from _fields(f"{edge}.trailers", one.message.trailers, other.message.trailers)
    ends = [("whole" if seen.complete else "its end never came") for seen in (one, other)]
    yield from _plain(edge, *ends)


def _fields(edge: str, one: tuple[Pair, ...], other: tuple[Pair, ...]) -> Iterator[_Edge]:
    left, right = _by_name(one), _by_name(other)
    for name in dict.fromkeys((*left, *right)):
        if not is_noise(name):
            words = as_text(name)
            yield from _plain(f"{edge}.{words}", _shown(left, name), _shown(right, name))


def _by_name(fields: tuple[Pair, ...]) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = defaultdict(list)
    for name, value in fields:
        found[name].append(value)
    return dict(found)


def _shown(fields: dict[bytes, list[bytes]], name: bytes) -> str:
    return ", ".join(quoted(as_text(value)) for value in fields.get(name, [])) or "nothing"


def _logs(one: Observation, other: Observation) -> Iterator[_Edge]:
    for index in range(max(len(one.logs), len(other.logs))):
        left, right = _line(one, index), _line(other, index)
        if left != right:
            # Behind the first line that differs, all others would.
            yield f"logs[{index}]", left, right
            return


def _line(seen: Observation, index: int) -> str:
    if index >= len(seen.logs):
        return "nothing"
    line = seen.logs[index]
    return f"{line.level.name.lower()} {quoted(line.text)}"


def _calls(one: Observation, other: Observation) -> Iterator[_Edge]:
    """Tell the first call between host and plugin that differs; those behind it follow from it."""
    if not (calls.were_seen(one) and calls.were_seen(other)):
        return
    left, right = _lines(one), _lines(other)
    for index in range(max(len(left), len(right))):
        ours, theirs = _call(left, index), _call(right, index)
        if ours != theirs:
            yield f"calls[{index}]{_inside(left[:index])}", ours, theirs
            return


def _call(lines: Sequence[str], index: int) -> str:
    return lines[index] if index < len(lines) else "nothing more"


def _lines(seen: Observation) -> list[str]:
    return [line for line in calls.lines(seen) if _CLOCK not in line]


def _inside(lines: Sequence[str]) -> str:
    """Name the callback that was running when these calls had been made."""
    for line in reversed(lines):
        if line.startswith("[host<-vm]"):
            return ""
        if line.startswith("[host->vm]"):
            return f" in {line.split()[1].partition('(')[0]}"
    return ""
