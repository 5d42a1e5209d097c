"""From an expectation and an observation to mismatches: pure, and blind to the target.

What an expectation does not name may be anything, but for what nobody wants unawares: a plugin
that does not start, a trap, a hostcall that is not there, a hazard, a client without a whole
answer.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from wasmctl.messages import Message, Pair
from wasmctl.records import TrapKind
from wasmctl.testing.expectation_models import Expectation, ExpectedMessage, Partial
from wasmctl.testing.logs import LogMatcher
from wasmctl.testing.matchers import Matcher, Values, expected_and_seen
from wasmctl.testing.observation import Aspect, Observation, Seen
from wasmctl.testing.octets import as_text
from wasmctl.testing.quoting import quoted

_PSEUDO_FIELDS = ("method", "scheme", "authority", "path")


@dataclass(frozen=True, kw_only=True)
class Mismatch:
    """One thing that was not as expected; ``path`` as in the scenario, below ``expect``."""

    path: str
    expected: str
    seen: str

    def __str__(self) -> str:
        return f"{self.path}: expected {self.expected}, saw {self.seen}"


def aspects(expectation: Expectation) -> frozenset[Aspect]:
    """Return the sides of a plugin that an expectation speaks of."""
    named = {aspect for aspect in Aspect if aspect.value in expectation.model_fields_set}
    return frozenset(named | ({Aspect.LOGS} if expectation.no_logs else set()))


def judge(
    expectation: Expectation,
    observation: Observation,
    sees: frozenset[Aspect],
    *,
    requested: bool = True,
) -> tuple[Mismatch, ...]:
    """Compare what was expected with what was seen, as far as the target ``sees``.

    ``requested`` tells whether a request was sent, so that an answer is due.
    """
    found = [
        mismatch
        for aspect, check in _CHECKS.items()
        if aspect in sees and (_began(expectation, observation) or aspect in _OF_THE_START)
        for mismatch in check(expectation, observation)
    ]
    is_due = requested and observation.configured and Aspect.CLIENT in sees
    return (
        *found,
        *(_answer(expectation, observation) if is_due else ()),
        *_hostcalls(observation),
    )


def _began(expectation: Expectation, observation: Observation) -> bool:
    """Whether the test came as far as it wanted; if not, only the reason is of interest."""
    return observation.configured or expectation.configured is False


def _configured(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    expected = expectation.configured is not False
    if observation.configured != expected:
        yield Mismatch(
            path="configured", expected=_word(expected), seen=_word(observation.configured)
        )


def _word(flag: bool) -> str:  # noqa: FBT001 - the flag is the value
    return str(flag).lower()


def _trap(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    wanted, trap = expectation.trap, observation.trap
    seen = f"{trap.kind} in {trap.callback}" if trap else "none"
    if isinstance(wanted, TrapKind):
        if trap is None or trap.kind is not wanted:
            yield Mismatch(path="trap", expected=wanted, seen=seen)
    elif wanted != (trap is not None):
        yield Mismatch(path="trap", expected="a trap" if wanted else "none", seen=seen)


def _hostcalls(observation: Observation) -> Iterator[Mismatch]:
    if observation.unimplemented:
        names = ", ".join(observation.unimplemented)
        yield Mismatch(path="hostcalls", expected="only those this target has", seen=names)
    for hazard in observation.hazards:
        yield Mismatch(path="hazards", expected="none", seen=hazard.words)


def _upstream(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    wanted, seen = expectation.upstream, observation.upstream
    if isinstance(wanted, tuple):
        yield from _requests(wanted, seen)
    elif wanted is not None and len(seen) > 1:
        yield Mismatch(path="upstream", expected="one request", seen=f"{len(seen)} requests")
    else:
        yield from _received("upstream", wanted, seen[0] if seen else None)


def _requests(wanted: tuple[ExpectedMessage, ...], seen: tuple[Seen, ...]) -> Iterator[Mismatch]:
    if len(wanted) != len(seen):
        number = f"{len(wanted)} request{'' if len(wanted) == 1 else 's'}"
        yield Mismatch(path="upstream", expected=number, seen=str(len(seen)))
        return
    for index, (expected, request) in enumerate(zip(wanted, seen, strict=True)):
        yield from _received(f"upstream[{index}]", expected, request)


def _client(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    yield from _received("client", expectation.client, observation.client)


def _answer(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Miss the answer that every client wants, where the scenario does not speak of it."""
    seen = observation.client
    if expectation.client is None and not observation.trap and (seen is None or not seen.complete):
        yield Mismatch(path="client", expected="a whole message", seen=_summary(seen))


def _received(
    path: str, expected: Partial | ExpectedMessage | None, seen: Seen | None
) -> Iterator[Mismatch]:
    match expected:
        case None:
            return
        case "never" | "unfinished":
            # Whether the first part of a message comes through can hang on a connection's warmth.
            is_so = seen is None or (expected == "unfinished" and not seen.complete)
            if not is_so:
                yield Mismatch(path=path, expected=expected, seen=_summary(seen))
        case ExpectedMessage():
            if seen is None or not seen.complete:
                yield Mismatch(path=path, expected="a whole message", seen=_summary(seen))
            if seen is not None:
                yield from _message(path, expected, seen.message)


def _summary(seen: Seen | None) -> str:
    if seen is None:
        return "none"
    named = (*seen.message.values(b":status"), *seen.message.values(b":method"))
    target = seen.message.values(b":path")
    words = " ".join(as_text(part) for part in (*named, *target))
    return words if seen.complete else f"{words}, whose end never came"


def _message(path: str, expected: ExpectedMessage, seen: Message) -> Iterator[Mismatch]:
    for name in _PSEUDO_FIELDS:
        values = _texts(seen.values(b":" + name.encode()))
        yield from _compare(f"{path}.{name}", getattr(expected, name), values)
    yield from _compare(f"{path}.status", expected.status, _texts(seen.values(b":status")), str)
    yield from _fields(f"{path}.headers", expected.headers, seen.headers)
    yield from _compare(f"{path}.body", expected.body, (as_text(seen.body),))
    yield from _fields(f"{path}.trailers", expected.trailers, seen.trailers)


def _fields(
    path: str, expected: Mapping[str, Matcher], seen: tuple[Pair, ...]
) -> Iterator[Mismatch]:
    for name, matcher in expected.items():
        values = _texts(tuple(value for key, value in seen if key == name.encode()))
        yield from _compare(f"{path}.{name}", matcher, values)


def _texts(values: tuple[bytes, ...]) -> Values:
    return tuple(map(as_text, values))


def _compare(
    path: str, matcher: Matcher | None, values: Values, show: Callable[[str], str] = quoted
) -> Iterator[Mismatch]:
    if matcher is None or matcher.holds(values):
        return
    parts = matcher.parts(values)
    for part in parts:
        yield Mismatch(path=f"{path}{part.path}", expected=part.expected, seen=part.seen)
    if not parts:
        expected, seen = expected_and_seen(matcher, values, show)
        yield Mismatch(path=path, expected=expected, seen=seen)


def _logs(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    for index, matcher in enumerate(expectation.logs):
        found = [line for line in observation.logs if matcher.matches(line)]
        times = matcher.times
        if (times is None and not found) or (times and not times.holds((str(len(found)),))):
            count = f", times {times.words}" if times else ""
            yield Mismatch(
                path=f"logs[{index}]",
                expected=f"a line ({matcher.words}){count}",
                seen=_count(len(found), len(observation.logs)),
            )
    for index, matcher in enumerate(expectation.no_logs):
        yield from _no_log(f"no_logs[{index}]", matcher, observation)


def _no_log(path: str, matcher: LogMatcher, observation: Observation) -> Iterator[Mismatch]:
    found = next((line for line in observation.logs if matcher.matches(line)), None)
    if found:
        seen = f"{found.level.name.lower()} {quoted(found.text)}"
        yield Mismatch(path=path, expected=f"no line ({matcher.words})", seen=seen)


def _count(found: int, among: int) -> str:
    return f"{found or 'none'} of {among} lines"


def _metrics(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    for name, matcher in expectation.metrics.items():
        value = observation.metrics.get(name)
        values = () if value is None else (str(value),)
        yield from _compare(f"metrics.{name}", matcher, values, str)


_Check = Callable[[Expectation, Observation], Iterator[Mismatch]]

_CHECKS: dict[Aspect, _Check] = {
    Aspect.CONFIGURED: _configured,
    Aspect.TRAP: _trap,
    Aspect.UPSTREAM: _upstream,
    Aspect.CLIENT: _client,
    Aspect.LOGS: _logs,
    Aspect.METRICS: _metrics,
}

_OF_THE_START = frozenset({Aspect.CONFIGURED, Aspect.TRAP})
