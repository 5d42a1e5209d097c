"""What a reader of a failure wants to see beside the mismatches."""

from collections.abc import Iterator

from wasmctl.testing.observation import Observation
from wasmctl.testing.quoting import quoted

_MOST_LINES = 20


def of(observation: Observation) -> tuple[str, ...]:
    """Return it line by line: why the plugin did not start, its trap, the last of its log."""
    return tuple(_lines(observation))


def _lines(observation: Observation) -> Iterator[str]:
    if observation.load_error:
        yield f"did not start: {observation.load_error}"
    if observation.paused_at:
        yield f"paused in {observation.paused_at}, and nothing was left that could resume"
    if observation.trap:
        yield f"trap: {observation.trap.message}"
        yield from (f"  at {frame}" for frame in observation.trap.backtrace)
    left_out = len(observation.logs) - _MOST_LINES
    if left_out > 0:
        yield f"log: {left_out} earlier lines"
    for line in observation.logs[-_MOST_LINES:]:
        yield f"log: {line.level.name.lower()} {quoted(line.text)}"
