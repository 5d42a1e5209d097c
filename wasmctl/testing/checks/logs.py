"""What the plugin must have logged, and what it must not."""

from collections.abc import Iterator, Sequence

from wasmctl.records import LogLine
from wasmctl.testing.expectation_models import Expectation
from wasmctl.testing.logs import LogMatcher
from wasmctl.testing.mismatch import Mismatch
from wasmctl.testing.observation import Observation
from wasmctl.testing.quoting import quoted


def logs(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge the log in all ways."""
    for index, matcher in enumerate(expectation.logs):
        yield from _wanted(f"logs[{index}]", matcher, observation.logs)
    yield from _in_order(expectation.logs_in_order, observation.logs)
    for index, matcher in enumerate(expectation.no_logs):
        yield from _unwanted(f"no_logs[{index}]", matcher, observation.logs)


def _wanted(path: str, matcher: LogMatcher, lines: Sequence[LogLine]) -> Iterator[Mismatch]:
    found = sum(matcher.matches(line) for line in lines)
    times = matcher.times
    if (times is None and not found) or (times and not times.holds((str(found),))):
        count = f", times {times.words}" if times else ""
        seen = f"{found or 'none'} of {len(lines)} lines"
        yield Mismatch(path=path, expected=f"a line ({matcher.words}){count}", seen=seen)


def _in_order(wanted: Sequence[LogMatcher], lines: Sequence[LogLine]) -> Iterator[Mismatch]:
    """Find each below the one before it; the first that is not there is told."""
    rest = iter(lines)
    for index, matcher in enumerate(wanted):
        if not any(matcher.matches(line) for line in rest):
            above = any(matcher.matches(line) for line in lines)
            yield Mismatch(
                path=f"logs_in_order[{index}]",
                expected=f"a line ({matcher.words}) below the last",
                seen="one above it only" if above else f"none of {len(lines)} lines",
            )
            return


def _unwanted(path: str, matcher: LogMatcher, lines: Sequence[LogLine]) -> Iterator[Mismatch]:
    found = next((line for line in lines if matcher.matches(line)), None)
    if found:
        seen = f"{found.level.name.lower()} {quoted(found.text)}"
        yield Mismatch(path=path, expected=f"no line ({matcher.words})", seen=seen)
