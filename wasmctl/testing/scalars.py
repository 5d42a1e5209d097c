"""Plain scalars as the core schema of YAML 1.2 reads them (specification, section 10.3.2).

PyYAML's own resolver follows YAML 1.1, where ``no`` is false, ``1:30`` is 90 and ``2026-01-01``
is a date; none of that holds in a scenario file. ``.inf`` and ``.nan`` stay text: no scenario can
mean them, and JSON has no form for them.
"""

import math
import re
from typing import TypeAlias

Scalar: TypeAlias = bool | int | float | str | None
Value: TypeAlias = "Scalar | list[Value] | dict[str, Value]"

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASES = {"0o": 8, "0x": 16}

# Longer digits are no number anybody means, and Python refuses to convert very long ones.
_MAX_DIGITS = 300


class WrittenInt(int):
    """A whole number that is text as it was written: ``007``, where text is wanted."""

    written: str

    def __str__(self) -> str:
        return self.written


class WrittenFloat(float):
    """A number that is text as it was written: ``1.10``, where text is wanted."""

    written: str

    def __str__(self) -> str:
        return self.written


def resolve(text: str) -> Scalar:
    """Return the value of a plain (unquoted) scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _MAX_DIGITS:
        return text
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    return text


def _integer(text: str) -> int:
    base = _BASES.get(text[:2])
    number = int(text[2:], base) if base else int(text)
    if str(number) == text:
        return number
    written = WrittenInt(number)
    written.written = text
    return written


def _float(text: str) -> float | str:
    number = WrittenFloat(text)
    number.written = text
    return text if math.isinf(number) else number


def text_of(value: Scalar) -> str:
    """Return a scalar as the text its author wrote; the word ``true`` for every spelling of it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_text(value: object) -> bool:
    """Tell whether a value can stand where text is wanted: any scalar but null."""
    return isinstance(value, bool | int | float | str)
