"""The operators of the matcher grammar, in one table.

From it come the reader, the JSON Schema and the words about mistakes. To add an operator: a line
in OPERATORS, and the matcher it builds in `matchers`.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from wasmctl.testing import matchers, octets
from wasmctl.testing.blame import Blame, Location, Wrong, kind_of
from wasmctl.testing.matchers import Matcher
from wasmctl.testing.patterns import PatternError, compile_pattern
from wasmctl.testing.scalars import Value, is_text, text_of


class Kind(StrEnum):
    """What a matcher is for; each kind has its own part of the grammar."""

    FIELD = "field"
    TEXT = "text"
    BODY = "body"
    NUMBER = "number"
    METRIC = "metric"


@dataclass(frozen=True, kw_only=True)
class Argument:
    """What stands behind an operator.

    Attributes:
        read_matcher: reads a matcher that stands inside.

    """

    value: Value
    at: Location
    kind: Kind
    ignore_case: bool
    blame: Blame
    read_matcher: Callable[[Value, Kind, Location, Blame], Matcher]

    def wrong(self, expected: str) -> None:
        """Note that something else is expected here."""
        message = f"expected {expected}, not {kind_of(self.value)}"
        self.blame.append(Wrong(at=self.at, message=message))

    def text(self) -> str:
        """Read any scalar as text."""
        if is_text(self.value):
            return text_of(self.value)  # type: ignore[arg-type] # is_text said so
        self.wrong("a text")
        return ""

    def number(self) -> float:
        """Read a number."""
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            # Arithmetic takes off how it was written.
            return self.value + 0
        self.wrong("a number")
        return 0

    def items(self) -> list["Argument"]:
        """Read a list of at least one."""
        if isinstance(self.value, list) and self.value:
            entries = enumerate(self.value)
            return [replace(self, value=value, at=(*self.at, i)) for i, value in entries]
        self.wrong("a list with at least one entry")
        return []

    def matcher(self, kind: Kind | None = None) -> Matcher:
        """Read a matcher, of the same kind if no other is named."""
        return self.read_matcher(self.value, kind or self.kind, self.at, self.blame)


@dataclass(frozen=True, kw_only=True)
class Operator:
    """One operator.

    Attributes:
        takes: the JSON Schema of its argument; ``Same`` stands for a matcher of the same kind.
        kinds: where it may be used.

    """

    meaning: str
    takes: dict[str, Any]
    build: Callable[[Argument], Matcher]
    kinds: frozenset[Kind] = frozenset(Kind)


_WORDY = frozenset({Kind.FIELD, Kind.TEXT, Kind.BODY})
NUMERIC = frozenset({Kind.NUMBER, Kind.METRIC})
_OPTIONAL = frozenset({Kind.FIELD, Kind.METRIC})
_SCALAR = {"type": ["string", "number", "boolean"]}
_NUMBER = {"type": "number"}
_TEXT = {"type": "string"}
_SAME = {"$ref": "Same"}


def equals(argument: Argument) -> Matcher:
    """Build what a scalar means wherever it stands."""
    if argument.kind in NUMERIC:
        return matchers.number(argument.number())
    return matchers.equals(argument.text(), ignore_case=argument.ignore_case)


def _part(words: str, test: Callable[[str, str], bool]) -> Callable[[Argument], Matcher]:
    return lambda argument: matchers.part(
        words, test, argument.text(), ignore_case=argument.ignore_case
    )


def _pattern(*, whole: bool) -> Callable[[Argument], Matcher]:
    def build(argument: Argument) -> Matcher:
        try:
            expression = compile_pattern(argument.text(), ignore_case=argument.ignore_case)
        except PatternError as error:
            message = f"not a regular expression: {error}"
            argument.blame.append(Wrong(at=argument.at, message=message))
            return matchers.absent()
        return matchers.pattern(expression, whole=whole)

    return build


def _compared(comparison: str) -> Operator:
    sign = matchers.COMPARISONS[comparison][0]
    return Operator(
        meaning=f"A number {sign} this.",
        takes=_NUMBER,
        build=lambda argument: matchers.compared(comparison, argument.number()),
    )


def _encoded(encoding: str) -> Operator:
    def build(argument: Argument) -> Matcher:
        content = octets.decode(encoding, argument.value, argument.at, argument.blame)
        return matchers.equals(octets.as_text(content))

    meaning = f"Equals the bytes that this {encoding} encodes."
    return Operator(meaning=meaning, takes=_SCALAR, build=build, kinds=_WORDY)


def _file(argument: Argument) -> Matcher:
    content = octets.of_file(argument.value, argument.at, argument.blame)
    return matchers.equals(octets.as_text(content))


def _length(argument: Argument) -> Matcher:
    return matchers.length(argument.matcher(Kind.NUMBER))


def _present(argument: Argument) -> Matcher:
    if not isinstance(argument.value, bool):
        argument.wrong("true or false")
    return matchers.present() if argument.value else matchers.absent()


def _several(join: Callable[[list[Matcher]], Matcher]) -> Callable[[Argument], Matcher]:
    return lambda argument: join([item.matcher() for item in argument.items()])


def _one_of(argument: Argument) -> Matcher:
    return matchers.any_of([equals(item) for item in argument.items()])


OPERATORS: dict[str, Operator] = {
    "equals": Operator(meaning="Equals this, as a plain value does.", takes=_SCALAR, build=equals),
    "contains": Operator(
        meaning="Contains this text.",
        takes=_SCALAR,
        build=_part("a text with", operator.contains),
        kinds=_WORDY,
    ),
    "starts_with": Operator(
        meaning="Begins with this text.",
        takes=_SCALAR,
        build=_part("a text that begins with", str.startswith),
        kinds=_WORDY,
    ),
    "ends_with": Operator(
        meaning="Ends with this text.",
        takes=_SCALAR,
        build=_part("a text that ends with", str.endswith),
        kinds=_WORDY,
    ),
    "regex": Operator(
        meaning="A regular expression (RE2) that matches the whole.",
        takes=_SCALAR,
        build=_pattern(whole=True),
        kinds=_WORDY,
    ),
    "search": Operator(
        meaning="A regular expression (RE2) that matches some part.",
        takes=_SCALAR,
        build=_pattern(whole=False),
        kinds=_WORDY,
    ),
    "one_of": Operator(
        meaning="Equals one of these.",
        takes={"type": "array", "items": _SCALAR, "minItems": 1},
        build=_one_of,
    ),
    "not": Operator(
        meaning="Anything this does not match, absence included.",
        takes=_SAME,
        build=lambda argument: matchers.negation(argument.matcher()),
    ),
    "all": Operator(
        meaning="All of these match.",
        takes={"type": "array", "items": _SAME, "minItems": 1},
        build=_several(matchers.all_of),
    ),
    "any": Operator(
        meaning="At least one of these matches.",
        takes={"type": "array", "items": _SAME, "minItems": 1},
        build=_several(matchers.any_of),
    ),
    **{comparison: _compared(comparison) for comparison in matchers.COMPARISONS},
    "len": Operator(
        meaning="The length in bytes.",
        takes={"$ref": "#/$defs/NumberMatcher"},
        build=_length,
        kinds=_WORDY,
    ),
    "json": Operator(
        meaning="JSON text that means this; the order of keys means nothing.",
        takes={},
        build=lambda argument: matchers.json_value(argument.value),
        kinds=_WORDY,
    ),
    "file": Operator(
        meaning="Equals the bytes of this file.", takes=_TEXT, build=_file, kinds=_WORDY
    ),
    **{encoding: _encoded(encoding) for encoding in octets.ENCODINGS},
    "delta": Operator(
        meaning="What was added since the test began.",
        takes={"$ref": "#/$defs/NumberMatcher"},
        build=lambda argument: argument.matcher(Kind.NUMBER),
        kinds=frozenset({Kind.METRIC}),
    ),
    "present": Operator(
        meaning="Whether it is there, whatever its value.",
        takes={"type": "boolean"},
        build=_present,
        kinds=_OPTIONAL,
    ),
}
