"""The text of a scenario file: plain values, and the line and column of each.

YAML 1.2's core schema, in the part of YAML that a reader can follow by eye: one document, no
anchors, no aliases (a few bytes of them can become gigabytes), no tags, no key twice. The events
of libyaml are put together here without recursion, so that depth is ours to limit; libyaml itself
needs 24 s for 100,000 open brackets.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import yaml

from wasmctl.errors import DefinitionError
from wasmctl.testing.blame import Location
from wasmctl.testing.scalars import Value, resolve

_MAX_SIZE = 1 << 20
_MAX_DEPTH = 32
_MAX_SHOWN = 50

_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# What libyaml says, and what the author did to make it say so.
_CAUSES = {
    "mapping values are not allowed in this context": (
        "a second ': ' in one line; put the value in quotes, or indent the key like its siblings"
    ),
    "found character that cannot start any token": (
        "a value cannot begin with this character; put it in quotes (and indent with spaces)"
    ),
    "found unexpected end of stream": "the file ends inside a quoted text",
}


@dataclass(frozen=True, kw_only=True, order=True)
class Mark:
    """A place in a file; both numbers count from 1."""

    path: Path
    line: int
    column: int


@dataclass(frozen=True, kw_only=True, order=True)
class Mistake:
    """Something wrong, and where."""

    mark: Mark
    message: str


@dataclass(frozen=True, kw_only=True)
class Document:
    """A file's value, with what was found wrong on the way.

    Attributes:
        values: where each value begins, by its location.
        keys: where the key of each value in a map stands.
        origins: where the values below a location were written, if not here: in which document
            and at which location of it.

    """

    path: Path
    value: dict[str, Value]
    values: dict[Location, Mark]
    keys: dict[Location, Mark]
    mistakes: tuple[Mistake, ...]
    origins: Mapping[Location, tuple["Document", Location]] = field(default_factory=dict)

    def mark(self, location: Location) -> Mark:
        """Return where a value begins; of a value that is not there, where its map begins."""
        document, location = self.origin(location)
        while location not in document.values:
            location = location[:-1]
        return document.values[location]

    def key_mark(self, location: Location) -> Mark:
        """Return where the key of a value stands."""
        document, at = self.origin(location)
        return document.keys.get(at) or self.mark(location)

    def origin(self, location: Location) -> tuple["Document", Location]:
        """Return the document in which a value was written, and its location there."""
        for length in range(len(location), 0, -1) if self.origins else ():
            if location[:length] in self.origins:
                document, start = self.origins[location[:length]]
                return document, (*start, *location[length:])
        return self, location


def refusal(path: Path, mistakes: list[Mistake]) -> DefinitionError:
    """Return the error that tells all mistakes of a file, in the order of its lines."""
    found = sorted(set(mistakes), key=lambda m: (m.mark.path != path, m))
    lines = [f"{m.mark.path}:{m.mark.line}:{m.mark.column}: {m.message}" for m in found]
    if len(lines) > _MAX_SHOWN:
        lines[_MAX_SHOWN:] = [f"and {len(lines) - _MAX_SHOWN} more"]
    return DefinitionError(lines[0], hint=f"correct {path}", details=tuple(lines[1:]))


def read(content: bytes, path: Path) -> Document:
    """Read the text of a scenario file.

    Raises DefinitionError where it cannot be read on; lesser mistakes stand in the document.
    """
    text = _decode(content, path)
    composer = _Composer(path)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            composer.take(event)
    except yaml.MarkedYAMLError as error:
        raise refusal(path, [_syntax_mistake(error, path)]) from error
    return composer.document()


def _decode(content: bytes, path: Path) -> str:
    if len(content) > _MAX_SIZE:
        message = f"the file has {len(content):,} bytes; at most {_MAX_SIZE:,} are read"
        raise refusal(path, [Mistake(mark=Mark(path=path, line=1, column=1), message=message)])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(errors="replace")
        raise refusal(path, [Mistake(mark=_end(before, path), message="not UTF-8 text")]) from error
    strange = _UNPRINTABLE.search(text)
    if strange:
        message = f"the control character U+{ord(strange[0]):04X}; write it as an escape in quotes"
        raise refusal(path, [Mistake(mark=_end(text[: strange.start()], path), message=message)])
    return text


def _end(text: str, path: Path) -> Mark:
    lines = text.split("\n")
    return Mark(path=path, line=len(lines), column=len(lines[-1]) + 1)


def _syntax_mistake(error: yaml.MarkedYAMLError, path: Path) -> Mistake:
    problem = error.problem or "no YAML"
    began = _mark(error.context_mark, path)
    words = f"{problem}; what is open here began at {began.line}:{began.column}"
    message = _CAUSES.get(problem) or (words if error.context_mark else problem)
    return Mistake(mark=_mark(error.problem_mark, path), message=message)


class _Place(Protocol):
    """What PyYAML and libyaml both call a mark; they count from 0."""

    line: int
    column: int


def _mark(mark: _Place | None, path: Path) -> Mark:
    line, column = (mark.line, mark.column) if mark else (0, 0)
    return Mark(path=path, line=line + 1, column=column + 1)


@dataclass(kw_only=True)
class _Open:
    """A map or list that is being filled; ``key`` is the key whose value comes next."""

    container: dict[str, Value] | list[Value]
    location: Location
    key: str | None = None


@dataclass
class _Composer:
    """Puts events together; the open collections are its stack."""

    path: Path
    root: list[Value] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    values: dict[Location, Mark] = field(default_factory=dict)
    keys: dict[Location, Mark] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                self._check_plain(event)
                value = resolve(event.value) if event.implicit[0] else str(event.value)
                self._take_scalar(str(event.value), value, event)
            case yaml.CollectionStartEvent():
                self._check_plain(event)
                self._open(event)
            case yaml.CollectionEndEvent():
                self.stack.pop()
            case yaml.AliasEvent():
                self._blame(event, f"the alias *{event.anchor}; write the value out")
                self._take_scalar(f"*{event.anchor}", None, event)
            case yaml.DocumentStartEvent() if self.root:
                raise self._refusal(event, "a second document; a file has one")

    def document(self) -> Document:
        if not self.root:
            raise refusal(
                self.path, [Mistake(mark=_mark(None, self.path), message="the file is empty")]
            )
        value = self.root[0]
        if not isinstance(value, dict):
            message = "expected a map with the keys wasmtest and tests"
            raise refusal(self.path, [Mistake(mark=self.values[()], message=message)])
        found = tuple(self.mistakes)
        return Document(
            path=self.path, value=value, values=self.values, keys=self.keys, mistakes=found
        )

    def _take_scalar(self, text: str, value: Value, event: yaml.Event) -> None:
        if self._awaits_key():
            self._take_key(text, event)
        else:
            self._place(value, event)

    def _awaits_key(self) -> bool:
        top = self.stack[-1] if self.stack else None
        return top is not None and isinstance(top.container, dict) and top.key is None

    def _take_key(self, key: str, event: yaml.Event) -> None:
        top = self.stack[-1]
        location = (*top.location, key)
        if location in self.keys:
            first = self.keys[location].line
            self._blame(event, f"duplicate key {key!r}, first on line {first}")
        self.keys[location] = _mark(event.start_mark, self.path)
        top.key = key

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if len(self.stack) == _MAX_DEPTH:
            raise self._refusal(event, f"nested deeper than {_MAX_DEPTH} levels")
        if self._awaits_key():
            raise self._refusal(event, "a map or list as a key; a key is a text")
        container: dict[str, Value] | list[Value]
        container = {} if isinstance(event, yaml.MappingStartEvent) else []
        location = self._place(container, event)
        self.stack.append(_Open(container=container, location=location))

    def _place(self, value: Value, event: yaml.Event) -> Location:
        """Put a value where the next one belongs, and return its location."""
        location: Location = ()
        if not self.stack:
            self.root.append(value)
        else:
            top = self.stack[-1]
            if isinstance(top.container, list):
                location = (*top.location, len(top.container))
                top.container.append(value)
            else:
                key, top.key = top.key or "", None
                location = (*top.location, key)
                top.container[key] = value
        self.values[location] = _mark(event.start_mark, self.path)
        return location

    def _check_plain(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self._blame(event, f"the anchor &{event.anchor}; there are no aliases to use it")
        if event.tag is not None:
            self._blame(event, f"the tag {event.tag}; a value's form tells its type")

    def _blame(self, event: yaml.Event, message: str) -> None:
        self.mistakes.append(Mistake(mark=_mark(event.start_mark, self.path), message=message))

    def _refusal(self, event: yaml.Event, message: str) -> DefinitionError:
        return refusal(
            self.path,
            [*self.mistakes, Mistake(mark=_mark(event.start_mark, self.path), message=message)],
        )
