"""What is wrong with a written value, said before it is known on which line it stands.

The readers of single values (matchers, header fields, bodies) know only where a value is inside
the one they were given. They note what is wrong and read on, so that all mistakes are told at
once; what they return after a mistake is never used.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from wasmctl import spelling
from wasmctl.testing.neighbours import NeighbourError, Neighbours

Location: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One thing wrong; ``is_key`` where the key is at fault, not its value."""

    at: Location
    message: str
    is_key: bool = False


@dataclass(kw_only=True)
class Blame:
    """What is wrong so far.

    Attributes:
        neighbours: the files that may be named; None: none at all.

    """

    neighbours: Neighbours | None = None
    wrongs: list[Wrong] = field(default_factory=list)

    def append(self, wrong: Wrong) -> None:
        """Note one thing."""
        self.wrongs.append(wrong)

    def file(self, name: str, at: Location) -> bytes:
        """Return the bytes of a file that is named at a place."""
        if self.neighbours is None:
            self.append(Wrong(at=at, message="no file can be named here"))
            return b""
        try:
            return self.neighbours.read(name)
        except NeighbourError as error:
            self.append(Wrong(at=at, message=str(error)))
            return b""


def unknown_key(at: Location, known: list[str]) -> Wrong:
    """Say that the last part of a location is no known key."""
    return Wrong(at=at, message=spelling.unknown(str(at[-1]), known), is_key=True)


def kind_of(value: object) -> str:
    """Name what a value is, for a sentence that says what was expected in its place."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case dict():
            return "a map" if value else "an empty map"
        case list():
            return "a list" if value else "an empty list"
        case str():
            return "a text"
        case _:
            return "a number"
