"""The values that placeholders stand for: ``vars``, and the ``cases`` and ``matrix`` of a test."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from wasmctl.testing.blame import Blame, Location, Wrong, kind_of
from wasmctl.testing.placeholders import NAME, Budget, Filling, Scope
from wasmctl.testing.scalars import Value, is_text, text_of

VARS, CASES, MATRIX = "vars", "cases", "matrix"
KEYS = (VARS, CASES, MATRIX)

MOST_TESTS = 10_000
_LONGEST = 60


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One run of a test: the values of its placeholders.

    Attributes:
        words: what tells it from the others of its test; empty where it is alone.

    """

    scope: Scope
    words: str = ""


def extended(scope: Scope, written: Value, at: Location, blame: Blame, budget: Budget) -> Scope:
    """Add variables to a scope; each may use those before it."""
    found = dict(scope)
    for name, value in _named(written, at, blame).items():
        filling = Filling(scope=found, blame=blame, budget=budget)
        found = {**found, name: filling.filled(value, (*at, name))}
    return found


def variants(
    test: dict[str, Value], at: Location, scope: Scope, blame: Blame, budget: Budget
) -> list[Variant]:
    """Return the runs of a test: one for each case and each combination of its matrix."""
    base = extended(scope, test.get(VARS, {}), (*at, VARS), blame, budget)
    found = [Variant(scope=base)]
    if CASES in test:
        found = list(_cases(test[CASES], (*at, CASES), base, blame, budget)) or found
    if MATRIX in test:
        axes = _axes(test[MATRIX], (*at, MATRIX), blame, budget, base)
        found = _crossed(found, axes, (*at, MATRIX), blame)
    return found


def _named(written: Value, at: Location, blame: Blame) -> dict[str, Value]:
    if not isinstance(written, dict):
        message = f"expected a map of names and values, not {kind_of(written)}"
        blame.append(Wrong(at=at, message=message))
        return {}
    for name in written:
        if not re.fullmatch(NAME, name):
            message = f"{name!r} is not a name: letters, digits and _"
            blame.append(Wrong(at=(*at, name), message=message, is_key=True))
    return written


def _cases(
    written: Value, at: Location, scope: Scope, blame: Blame, budget: Budget
) -> Iterator[Variant]:
    if not isinstance(written, list) or not written:
        message = f"expected a list with at least one case, not {kind_of(written)}"
        blame.append(Wrong(at=at, message=message))
        return
    for index, case in enumerate(written):
        own = extended(scope, case, (*at, index), blame, budget)
        names = case if isinstance(case, dict) else {}
        yield Variant(scope=own, words=_words({name: own[name] for name in names}))


def _axes(
    written: Value, at: Location, blame: Blame, budget: Budget, scope: Scope
) -> list[list[tuple[str, Value]]]:
    axes: list[list[tuple[str, Value]]] = []
    for name, values in _named(written, at, blame).items():
        if isinstance(values, list) and values:
            filling = Filling(scope=scope, blame=blame, budget=budget)
            places = enumerate(values)
            axes.append([(name, filling.filled(value, (*at, name, i))) for i, value in places])
        else:
            message = f"expected a list with at least one value, not {kind_of(values)}"
            blame.append(Wrong(at=(*at, name), message=message))
    return axes


def _crossed(
    cases: list[Variant], axes: list[list[tuple[str, Value]]], at: Location, blame: Blame
) -> list[Variant]:
    total = len(cases)
    for axis in axes:
        total *= len(axis)
    if total > MOST_TESTS:
        blame.append(Wrong(at=at, message=f"{total:,} tests; at most {MOST_TESTS:,} are run"))
        return cases
    chosen = [dict(pairs) for pairs in itertools.product(*axes)]
    return [_with(case, values) for case in cases for values in chosen]


def _with(case: Variant, values: dict[str, Value]) -> Variant:
    words = ", ".join(part for part in (case.words, _words(values)) if part)
    return replace(case, scope={**case.scope, **values}, words=words)


def _words(values: Scope) -> str:
    """Tell values by name, as far as one line can show them."""
    shown = {name: text_of(value) for name, value in values.items() if is_text(value)}  # type: ignore[arg-type] # is_text said so
    words = ", ".join(f"{name}={text}" for name, text in shown.items() if text.isprintable())
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"
