"""The table of matcher operators, made from the table that reads them."""

from wasmctl.testing.operators import OPERATORS, Kind

_WORDS = {
    Kind.FIELD: "headers",
    Kind.TEXT: "texts",
    Kind.BODY: "bodies",
    Kind.NUMBER: "numbers",
    Kind.METRIC: "metrics",
}


def operators() -> str:
    """Return the table; the page of scenario files includes it."""
    rows = "".join(
        f"| `{name}` | {operator.meaning} | {_where(operator.kinds)} |\n"
        for name, operator in OPERATORS.items()
    )
    return f"| operator | matches | for |\n|---|---|---|\n{rows}"


def _where(kinds: frozenset[Kind]) -> str:
    if kinds == frozenset(Kind):
        return "all"
    return ", ".join(word for kind, word in _WORDS.items() if kind in kinds)
