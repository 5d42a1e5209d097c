"""One thing found about a module."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is: the module is refused or crashes a proxy; it will hurt; it may be meant."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is so, and what to do.

    Attributes:
        rule: the stable name of what was looked at: ``import``.
        hosts: the names of the profiles it holds for; empty where it holds anywhere.

    """

    rule: str
    level: Level
    message: str
    hint: str
    hosts: tuple[str, ...] = ()


def shown(name: str) -> str:
    """Return a module's own word as it may be shown: what is not printable is written out."""
    return name if name.isprintable() else name.encode("unicode_escape").decode()
