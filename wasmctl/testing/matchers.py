"""Matchers: what a value must be, with the words that say so.

A matcher looks at the values of one thing, all of them text: none where it is absent, several
where a header repeats. Several are read joined with ``, ``, as HTTP reads them (RFC 9110, 5.3),
except by `listed`.
"""

import json
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from wasmctl.testing import json_difference
from wasmctl.testing.json_difference import Part
from wasmctl.testing.octets import as_bytes
from wasmctl.testing.patterns import Pattern
from wasmctl.testing.quoting import apart, quoted
from wasmctl.testing.scalars import Value

Values: TypeAlias = tuple[str, ...]

# By the name of the operator: its sign, and what it means.
COMPARISONS: dict[str, tuple[str, Callable[[float, float], bool]]] = {
    "eq": ("=", operator.eq),
    "lt": ("<", operator.lt),
    "le": ("≤", operator.le),
    "gt": (">", operator.gt),
    "ge": ("≥", operator.ge),
}
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Matcher:
    """What values must be.

    Attributes:
        words: end the sentence "expected …".
        exact: the whole text, where only one will do.
        parts: the places inside the values where they are not what they must be, where such
            places can be told.

    """

    words: str
    holds: Callable[[Values], bool]
    exact: str | None = None
    parts: Callable[[Values], tuple[Part, ...]] = lambda _values: ()


def expected_and_seen(
    matcher: Matcher, values: Values, show: Callable[[str], str] = quoted
) -> tuple[str, str]:
    """Say what was expected and what was seen, cut to where they part if they are long."""
    if matcher.exact is not None and values:
        return apart(matcher.exact, ", ".join(values))
    return matcher.words, ", ".join(map(show, values)) or "nothing"


def text(words: str, test: Callable[[str], bool]) -> Matcher:
    """Match what is there and passes a test."""
    return Matcher(words=words, holds=lambda values: bool(values) and test(", ".join(values)))


def equals(expected: str, *, ignore_case: bool = False) -> Matcher:
    """Match one text."""
    if ignore_case:
        folded = expected.casefold()
        return text(f"{quoted(expected)} in any case", lambda seen: seen.casefold() == folded)
    return Matcher(
        words=quoted(expected),
        holds=lambda values: bool(values) and ", ".join(values) == expected,
        exact=expected,
    )


def number(expected: float) -> Matcher:
    """Match one number."""
    return text(str(expected), lambda seen: _compare("eq", seen, expected))


def absent() -> Matcher:
    """Match what is not there."""
    return Matcher(words="nothing", holds=lambda values: not values)


def present() -> Matcher:
    """Match whatever is there."""
    return Matcher(words="any value", holds=bool)


def listed(items: Sequence[Matcher]) -> Matcher:
    """Match repeated values one by one, in order."""

    def holds(values: Values) -> bool:
        return len(values) == len(items) and all(
            item.holds((value,)) for item, value in zip(items, values, strict=True)
        )

    return Matcher(words=f"the values [{', '.join(item.words for item in items)}]", holds=holds)


def part(
    words: str, test: Callable[[str, str], bool], wanted: str, *, ignore_case: bool
) -> Matcher:
    """Match a text of which a part is known: ``test(seen, wanted)``."""
    if ignore_case:
        folded = wanted.casefold()
        return text(
            f"{words} {quoted(wanted)} in any case", lambda seen: test(seen.casefold(), folded)
        )
    return text(f"{words} {quoted(wanted)}", lambda seen: test(seen, wanted))


def pattern(expression: Pattern, *, whole: bool) -> Matcher:
    """Match a text that a regular expression describes, in whole or in some part."""
    if whole:
        return text(f"a text that matches /{expression.text}/", expression.matches)
    return text(f"a text in which is found /{expression.text}/", expression.is_in)


def compared(comparison: str, bound: float) -> Matcher:
    """Match a number by its size; a text that is no number never matches."""
    return text(
        f"a number {COMPARISONS[comparison][0]} {bound}",
        lambda seen: _compare(comparison, seen, bound),
    )


def _compare(comparison: str, seen: str, bound: float) -> bool:
    if not _NUMBER.fullmatch(seen):
        return False
    test = COMPARISONS[comparison][1]
    return test(float(seen) if "." in seen else int(seen), bound)


def length(of_bytes: Matcher) -> Matcher:
    """Match a text by its length in bytes."""
    return text(
        f"a length of {of_bytes.words}",
        lambda seen: of_bytes.holds((str(len(as_bytes(seen))),)),
    )


def json_value(expected: Value) -> Matcher:
    """Match JSON text that means the same; the order of keys means nothing."""

    def parts(values: Values) -> tuple[Part, ...]:
        try:
            return json_difference.parts(expected, json.loads(", ".join(values)))
        except (ValueError, RecursionError):
            return ()

    def holds(seen: str) -> bool:
        try:
            return not json_difference.parts(expected, json.loads(seen))
        except (ValueError, RecursionError):
            return False

    matcher = text(f"JSON that means {json.dumps(expected, ensure_ascii=False)}", holds)
    return replace(matcher, parts=parts)


def negation(matcher: Matcher) -> Matcher:
    """Match whatever another does not, its absence included."""
    return Matcher(
        words=f"anything but {matcher.words}", holds=lambda values: not matcher.holds(values)
    )


def all_of(matchers: Sequence[Matcher]) -> Matcher:
    """Match what all match."""
    if len(matchers) == 1:
        return matchers[0]
    return Matcher(
        words=" and ".join(m.words for m in matchers),
        holds=lambda values: all(m.holds(values) for m in matchers),
    )


def any_of(matchers: Sequence[Matcher]) -> Matcher:
    """Match what at least one matches."""
    return Matcher(
        words=" or ".join(m.words for m in matchers),
        holds=lambda values: any(m.holds(values) for m in matchers),
    )
