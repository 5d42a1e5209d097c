"""Which tests run, in which order, and how often."""

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from wasmctl.errors import UsageError
from wasmctl.testing import keywords
from wasmctl.testing.suite import Scenario, Suite


@dataclass(frozen=True, kw_only=True)
class Shard:
    """One of several equal parts of a run; ``index`` counts from 1."""

    index: int
    of: int


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What of the files is to run.

    Attributes:
        expression: words that a test's file, name or tags must have (see `keywords`).
        tags: tags of which it must have one; none: whatever it has.
        shard: the part of what remains.
        seed: of a random order; None: the order of the files.
        repeat: how often each test runs.

    """

    expression: str = ""
    tags: tuple[str, ...] = ()
    shard: Shard | None = None
    seed: int | None = None
    repeat: int = 1


def shard(text: str) -> Shard:
    """Read ``I/N``; raises UsageError where it is none."""
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    if found and 1 <= int(found[1]) <= int(found[2]):
        return Shard(index=int(found[1]), of=int(found[2]))
    raise UsageError(f"--shard: not a part: {text!r}", hint="write --shard 1/4 for the first of 4")


def chosen(suites: Iterable[Suite], selection: Selection) -> tuple[Suite, ...]:
    """Return the files with the tests that are to run; files without any are left out.

    Raises UsageError where the expression is none.
    """
    found = _matching(tuple(suites), selection)
    if selection.shard:
        found = _part(found, selection.shard)
    if selection.seed is not None:
        found = _shuffled(found, selection.seed)
    if selection.repeat > 1:
        found = _each(found, lambda scenario: _repeated(scenario, selection.repeat))
    return tuple(suite for suite in found if suite.scenarios)


def _matching(suites: tuple[Suite, ...], selection: Selection) -> tuple[Suite, ...]:
    fits = keywords.parse(selection.expression) if selection.expression.strip() else None
    wanted = set(selection.tags)

    def is_chosen(suite: Suite, scenario: Scenario) -> bool:
        words = f"{suite.path} {scenario.name} {' '.join(scenario.tags)}"
        has_tag = not wanted or bool(wanted & set(scenario.tags))
        return has_tag and (fits is None or fits(words))

    return tuple(
        replace(suite, scenarios=tuple(s for s in suite.scenarios if is_chosen(suite, s)))
        for suite in suites
    )


def _part(suites: tuple[Suite, ...], part: Shard) -> tuple[Suite, ...]:
    """Deal the tests out like cards, so that every part has some of every file."""
    number = iter(range(sum(len(suite.scenarios) for suite in suites)))
    return _each(
        suites, lambda scenario: [scenario] if next(number) % part.of == part.index - 1 else []
    )


def _each(
    suites: tuple[Suite, ...], change: Callable[[Scenario], list[Scenario]]
) -> tuple[Suite, ...]:
    return tuple(
        replace(suite, scenarios=tuple(s for each in suite.scenarios for s in change(each)))
        for suite in suites
    )


def _shuffled(suites: tuple[Suite, ...], seed: int) -> tuple[Suite, ...]:
    order = random.Random(seed)  # noqa: S311 - nothing depends on it but the order
    found = [
        replace(suite, scenarios=tuple(order.sample(suite.scenarios, len(suite.scenarios))))
        for suite in suites
    ]
    return tuple(order.sample(found, len(found)))


def _repeated(scenario: Scenario, times: int) -> list[Scenario]:
    return [
        replace(scenario, name=f"{scenario.name} ({run} of {times})") for run in range(1, times + 1)
    ]
