"""What a reader of a failure wants to see beside the mismatches."""

from collections.abc import Iterator, Sequence

from wasmctl.records import Trap
from wasmctl.testing import dwarf, symbols
from wasmctl.testing.observation import Observation
from wasmctl.testing.quoting import quoted

_MOST_LINES = 20
_MOST_FRAMES = 30


def of(observation: Observation, modules: Sequence[bytes] = ()) -> tuple[str, ...]:
    """Return it line by line: why the plugin did not start, its trap, the last of its log.

    ``modules`` are those of the plugins: with one, the trap's frames have their source lines.
    """
    return tuple(_lines(observation, modules))


def _lines(observation: Observation, modules: Sequence[bytes]) -> Iterator[str]:
    if observation.load_error:
        yield f"did not start: {observation.load_error}"
    if observation.paused_at:
        yield f"paused in {observation.paused_at}, and nothing was left that could resume"
    if observation.trap:
        yield f"trap: {observation.trap.message}"
        yield from (f"  at {frame}" for frame in frames(observation.trap, modules))
    left_out = len(observation.logs) - _MOST_LINES
    if left_out > 0:
        yield f"log: {left_out} earlier lines"
    for line in observation.logs[-_MOST_LINES:]:
        yield f"log: {line.level.name.lower()} {quoted(line.text)}"


def frames(trap: Trap, modules: Sequence[bytes]) -> tuple[str, ...]:
    """Return a trap's frames, innermost first, with source lines where they can be known."""
    named = [symbols.plain(frame) for frame in trap.backtrace[:_MOST_FRAMES]]
    if len(set(modules)) != 1 or len(trap.offsets) != len(trap.backtrace):
        return tuple(named)
    table = dwarf.lines(modules[0])
    places = (table.at(offset) for offset in trap.offsets)
    pairs = zip(named, places, strict=False)
    return tuple(f"{name} ({place})" if place else name for name, place in pairs)
