"""Placeholders: ``${name}`` in a scenario file stands for a value that is named elsewhere.

Where it is a whole text, the value keeps its type; inside a text it becomes text. ``$${`` is a
``${`` that stands for itself. A few lines of values that use one another could become gigabytes,
so what is made is counted.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from wasmctl import spelling
from wasmctl.testing.blame import Blame, Location, Wrong, kind_of
from wasmctl.testing.scalars import Value, is_text, text_of

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_PLACEHOLDER = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
_MAX_DEPTH = 32

Scope = Mapping[str, Value]


class TooMuchError(Exception):
    """The values of a file, written out, are more than anybody can mean."""


@dataclass
class Budget:
    """How many values and characters may still be made."""

    left: int

    def spend(self, amount: int) -> None:
        """Count what is made; raises TooMuchError."""
        self.left -= amount
        if self.left < 0:
            raise TooMuchError


@dataclass(frozen=True, kw_only=True)
class Filling:
    """Puts values in the place of placeholders; mistakes are noted in ``blame``."""

    scope: Scope
    blame: Blame
    budget: Budget

    def filled(self, value: Value, at: Location, depth: int = 0) -> Value:
        """Return a value with all its placeholders filled; raises TooMuchError."""
        if depth > _MAX_DEPTH:
            raise TooMuchError
        if isinstance(value, dict):
            self._spend_keys(value, at)
            return {key: self.filled(item, (*at, key), depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            self.budget.spend(len(value) + 1)
            return [self.filled(item, (*at, i), depth + 1) for i, item in enumerate(value)]
        if isinstance(value, str):
            return self._text(value, at, depth)
        self.budget.spend(1)
        return value

    def _spend_keys(self, value: dict[str, Value], at: Location) -> None:
        self.budget.spend(sum(map(len, value)) + 1)
        for key in value:
            if "${" in key:
                message = "a placeholder in a key; only values have them"
                self.blame.append(Wrong(at=(*at, key), message=message, is_key=True))

    def _text(self, text: str, at: Location, depth: int) -> Value:
        self.budget.spend(len(text) + 1)
        if "${" not in text:
            return text
        whole = _PLACEHOLDER.fullmatch(text)
        if whole and whole[1] is not None:
            return self._counted(self._value(whole[1], at), depth)
        return _PLACEHOLDER.sub(lambda found: self._part(found, at), text)

    def _counted(self, value: Value, depth: int) -> Value:
        """Return a value that is filled already, once it is counted."""
        if depth > _MAX_DEPTH:
            raise TooMuchError
        if isinstance(value, dict):
            for key, item in value.items():
                self.budget.spend(len(key) + 1)
                self._counted(item, depth + 1)
        elif isinstance(value, list):
            for item in value:
                self._counted(item, depth + 1)
        self.budget.spend(len(value) + 1 if isinstance(value, str) else 1)
        return value

    def _part(self, found: re.Match[str], at: Location) -> str:
        if found[0] == "$${":
            return "${"
        if found[1] is None:
            self.blame.append(Wrong(at=at, message="'${' without '}'; write $${ for itself"))
            return ""
        value = self._value(found[1], at)
        if not is_text(value):
            message = f"{found[0]} is {kind_of(value)}; inside a text it must be a scalar"
            self.blame.append(Wrong(at=at, message=message))
            return ""
        text = text_of(value)  # type: ignore[arg-type] # is_text said so
        self.budget.spend(len(text))
        return text

    def _value(self, name: str, at: Location) -> Value:
        if name in self.scope:
            return self.scope[name]
        known = spelling.suggestion(name, sorted(self.scope)) if self.scope else "there are none"
        self.blame.append(Wrong(at=at, message=f"unknown placeholder ${{{name}}}; {known}"))
        return ""
