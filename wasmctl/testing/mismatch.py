"""One thing that was not as expected."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from wasmctl.messages import Pair
from wasmctl.testing.matchers import Matcher, Values, expected_and_seen
from wasmctl.testing.octets import as_text
from wasmctl.testing.quoting import quoted


@dataclass(frozen=True, kw_only=True)
class SnapshotText:
    """What a snapshot would have to hold for a mismatch to go away."""

    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Mismatch:
    """One thing that was not as expected; ``path`` as in the scenario, below ``expect``.

    Attributes:
        snapshot: where a snapshot was compared, what was seen in its place.

    """

    path: str
    expected: str
    seen: str
    snapshot: SnapshotText | None = None

    def __str__(self) -> str:
        return f"{self.path}: expected {self.expected}, saw {self.seen}"


def compare(
    path: str, matcher: Matcher | None, values: Values, show: Callable[[str], str] = quoted
) -> Iterator[Mismatch]:
    """Compare the values of one thing with what they must be, if anything."""
    if matcher is None or matcher.holds(values):
        return
    parts = matcher.parts(values)
    for part in parts:
        yield Mismatch(path=f"{path}{part.path}", expected=part.expected, seen=part.seen)
    if not parts:
        expected, seen = expected_and_seen(matcher, values, show)
        yield Mismatch(path=path, expected=expected, seen=seen)


def number(path: str, matcher: Matcher | None, seen: float) -> Iterator[Mismatch]:
    """Compare a number with what it must be, if anything."""
    shown = str(int(seen)) if seen == int(seen) else f"{seen:.3f}"
    return compare(path, matcher, (shown,), str)


def fields(
    path: str, expected: Mapping[str, Matcher], seen: tuple[Pair, ...]
) -> Iterator[Mismatch]:
    """Compare header or trailer fields; those that are not named may be anything."""
    for name, matcher in expected.items():
        values = texts(tuple(value for key, value in seen if key == name.encode()))
        yield from compare(f"{path}.{name}", matcher, values)


def texts(values: tuple[bytes, ...]) -> Values:
    """Return bytes as matchers look at them."""
    return tuple(map(as_text, values))
