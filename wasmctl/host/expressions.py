"""The expressions that a plugin keeps, by their tokens."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any


@dataclass
class Expressions:
    """What a root context compiled.

    Attributes:
        compiled: an expression, as its engine has it, and the names in it, by its token.

    """

    compiled: dict[int, tuple[Any, frozenset[str]]] = field(default_factory=dict)
    _tokens: "count[int]" = field(default_factory=count)

    def next_token(self) -> int:
        """Count a new expression, from 0; one that cannot be compiled counts, too."""
        return next(self._tokens)
