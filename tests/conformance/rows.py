"""The rules of a host that behaves like Envoy, each with an id; ``rows.txt`` holds them.

A line is ``name: The rule.``, below a line ``# area: Title``; a rule's id is ``area.name``.
"""

from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("rows.txt")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One rule."""

    id: str
    area: str
    rule: str


@dataclass(frozen=True, kw_only=True)
class Area:
    """What some rules have in common."""

    name: str
    title: str


def _read() -> tuple[tuple[Area, ...], tuple[Row, ...]]:
    areas: list[Area] = []
    rows = []
    for line in _FILE.read_text().splitlines():
        name, _, text = line.partition(": ")
        if name.startswith("# "):
            areas.append(Area(name=name[2:], title=text))
        elif name:
            rows.append(Row(id=f"{areas[-1].name}.{name}", area=areas[-1].name, rule=text))
    return tuple(areas), tuple(rows)


AREAS, ROWS = _read()
