"""Expressions that choose tests by their words: ``cart and not (slow or "two words")``."""

import re
from collections.abc import Callable
from typing import TypeAlias

from wasmctl.errors import UsageError

Predicate: TypeAlias = Callable[[str], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<sign>[()])|(?P<quote>["'])(?P<text>.*?)(?P=quote)|(?P<word>[^\s()"']+))"""
)
_OPERATORS = frozenset({"and", "or", "not", "(", ")"})
_MOST_TOKENS = 200


def parse(expression: str) -> Predicate:
    """Return the test that an expression describes; case means nothing.

    Raises UsageError where it is none.
    """
    parser = _Parser(_tokens(expression), expression)
    found = parser.either()
    if parser.tokens:
        raise parser.wrong(f"{parser.tokens[0][0]!r} is not expected there")
    return lambda text: found(text.casefold())


def _tokens(expression: str) -> list[tuple[str, bool]]:
    """Return the tokens, each with whether it is an operator."""
    found: list[tuple[str, bool]] = []
    at = 0
    while expression[at:].strip():
        match = _TOKEN.match(expression, at)
        if match is None or len(found) == _MOST_TOKENS:
            reason = "a quote without its end" if match is None else "it is too long"
            raise _wrong(expression, reason)
        word = match["sign"] or match["word"]
        found.append((word, word in _OPERATORS) if word else (match["text"], False))
        at = match.end()
    return found


def _wrong(expression: str, reason: str) -> UsageError:
    hint = "write words joined by and, or, not and parentheses"
    return UsageError(f"not an expression: {expression!r}: {reason}", hint=hint)


class _Parser:
    """Reads the tokens from the left; ``or`` binds least, ``not`` most."""

    def __init__(self, tokens: list[tuple[str, bool]], expression: str) -> None:
        self.tokens = tokens
        self._expression = expression

    def wrong(self, reason: str) -> UsageError:
        return _wrong(self._expression, reason)

    def either(self) -> Predicate:
        parts = [self._both()]
        while self._took("or"):
            parts.append(self._both())
        return lambda text: any(part(text) for part in parts)

    def _both(self) -> Predicate:
        parts = [self._one()]
        while self._took("and"):
            parts.append(self._one())
        return lambda text: all(part(text) for part in parts)

    def _one(self) -> Predicate:
        if self._took("not"):
            negated = self._one()
            return lambda text: not negated(text)
        if self._took("("):
            inner = self.either()
            if not self._took(")"):
                raise self.wrong("a parenthesis without its end")
            return inner
        if not self.tokens or self.tokens[0][1]:
            raise self.wrong("a word is missing")
        word = self.tokens.pop(0)[0].casefold()
        return lambda text: word in text

    def _took(self, operator: str) -> bool:
        if not self.tokens or self.tokens[0] != (operator, True):
            return False
        self.tokens.pop(0)
        return True
