"""What the plugin must have asked of other clusters, and what it must not."""

from collections.abc import Iterator, Sequence

from wasmctl.testing.checks import messages
from wasmctl.testing.expectation_models import Expectation, ExpectedCallout
from wasmctl.testing.mismatch import Mismatch, compare, number
from wasmctl.testing.observation import Callout, Observation
from wasmctl.testing.octets import as_text

# What tells one callout from another, before how it was made and what came of it.
_IDENTITY = frozenset({".to", ".path", ".kind"})


def callouts(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge the callouts in all ways."""
    seen = observation.callouts
    for index, wanted in enumerate(expectation.callouts):
        yield from _wanted(f"callouts[{index}]", wanted, index, seen)
    if expectation.only_callouts is not None:
        yield from _exactly(expectation.only_callouts, seen)
    if expectation.no_callouts and seen:
        yield Mismatch(path="no_callouts", expected="none", seen=_summary(seen))


def _wanted(
    path: str, wanted: ExpectedCallout, index: int, seen: Sequence[Callout]
) -> Iterator[Mismatch]:
    found = sum(not list(_differences(path, wanted, each)) for each in seen)
    if wanted.times is not None:
        if not wanted.times.holds((str(found),)):
            told = f"{found} among {_summary(seen)}"
            yield Mismatch(
                path=path, expected=f"such callouts, times {wanted.times.words}", seen=told
            )
    elif not found and seen:
        yield from _differences(path, wanted, _nearest(wanted, index, seen))
    elif not found:
        yield Mismatch(path=path, expected="a callout", seen="none")


def _nearest(wanted: ExpectedCallout, index: int, seen: Sequence[Callout]) -> Callout:
    """Return the one that is most like what was wanted; among equals the one in its place."""

    def distance(each: int) -> tuple[int, int, int]:
        paths = [mismatch.path for mismatch in _differences("", wanted, seen[each])]
        return len(_IDENTITY.intersection(paths)), len(paths), abs(each - index)

    return seen[min(range(len(seen)), key=distance)]


def _exactly(wanted: Sequence[ExpectedCallout], seen: Sequence[Callout]) -> Iterator[Mismatch]:
    if len(wanted) != len(seen):
        count = f"{len(wanted)} callout{'' if len(wanted) == 1 else 's'}"
        yield Mismatch(path="only_callouts", expected=count, seen=_summary(seen))
        return
    for index, (expected, callout) in enumerate(zip(wanted, seen, strict=True)):
        yield from _differences(f"only_callouts[{index}]", expected, callout)


def _differences(path: str, wanted: ExpectedCallout, seen: Callout) -> Iterator[Mismatch]:
    if wanted.kind is not None and wanted.kind != seen.kind:
        yield Mismatch(path=f"{path}.kind", expected=wanted.kind, seen=seen.kind)
    yield from compare(f"{path}.to", wanted.to, (seen.to,))
    if seen.plugin:
        yield from compare(f"{path}.plugin", wanted.plugin, (seen.plugin,))
    if seen.timeout is not None:
        yield from number(f"{path}.timeout", wanted.timeout, seen.timeout)
    if wanted.state is not None and seen.state is not None and wanted.state != seen.state:
        yield Mismatch(path=f"{path}.state", expected=wanted.state, seen=seen.state)
    yield from messages.message(path, wanted, seen.message)


def _summary(seen: Sequence[Callout]) -> str:
    return ", ".join(map(_words, seen)) or "none"


def _words(seen: Callout) -> str:
    parts = (*seen.message.values(b":method"), *seen.message.values(b":path"))
    return " ".join((seen.to, *map(as_text, parts)))
