"""What scenario files share: ``include`` names files whose keys come before the file's own.

Maps (``vars``, ``plugin``, ``upstreams``, the messages of ``defaults``) are merged key by key,
lists (``tests``, ``before_each``, ``tags``) follow one another. An included file includes nothing
itself.
"""

from dataclasses import replace

from wasmctl.testing import source
from wasmctl.testing.blame import Location, kind_of
from wasmctl.testing.neighbours import NeighbourError, Neighbours
from wasmctl.testing.scalars import Value
from wasmctl.testing.source import Document, Mistake

INCLUDE = "include"
_MOST_FILES = 50

# How deep maps are merged; below, what is written last replaces what came before.
_DEPTHS = {
    **dict.fromkeys(("vars", "plugin", "upstreams", "host", "shared_data"), 1),
    "defaults": 2,
}
_LISTS = ("tests", "before_each", "tags", "properties")
_SHARED = (*_DEPTHS, *_LISTS)
_OF_THE_FILE = ("wasmtest", "name", "description")


def included(document: Document, neighbours: Neighbours) -> Document:
    """Return a document with all that it includes put in.

    Raises DefinitionError where an included file cannot be read on.
    """
    if INCLUDE not in document.value:
        return document
    merging = _Merging(document)
    for index, name in enumerate(_names(document, merging)):
        try:
            content = neighbours.read(name)
        except NeighbourError as error:
            merging.blame(document, (INCLUDE, index), str(error))
        else:
            merging.add(source.read(content, document.path.parent / name))
    merging.add(document)
    return merging.document()


def _names(document: Document, merging: "_Merging") -> list[str]:
    written = document.value[INCLUDE]
    if isinstance(written, list) and written and all(isinstance(name, str) for name in written):
        if len(written) <= _MOST_FILES:
            return [str(name) for name in written]
        message = f"{len(written)} files; at most {_MOST_FILES} are included"
    else:
        message = f"expected a list of names of files, not {kind_of(written)}"
    merging.blame(document, (INCLUDE,), message)
    return []


class _Merging:
    """The keys of several documents, in the order in which they are added."""

    def __init__(self, document: Document) -> None:
        self._main = document
        self._value: dict[str, Value] = {}
        self._origins: dict[Location, tuple[Document, Location]] = {}
        self._mistakes: list[Mistake] = []

    def blame(
        self, document: Document, at: Location, message: str, *, is_key: bool = False
    ) -> None:
        mark = document.key_mark(at) if is_key else document.mark(at)
        self._mistakes.append(Mistake(mark=mark, message=message))

    def add(self, document: Document) -> None:
        is_main = document is self._main
        self._mistakes += document.mistakes
        for key, value in document.value.items():
            if key in _SHARED:
                self._merge(self._value, key, value, document, (key,), _DEPTHS.get(key, 0))
            elif is_main and key != INCLUDE:
                self._value[key] = value
            elif not is_main and key not in _OF_THE_FILE and not key.startswith("x-"):
                known = ", ".join(_SHARED)
                message = f"{key!r} cannot be included; what can: {known}"
                self.blame(document, (key,), message, is_key=True)

    def _merge(
        self,
        into: dict[str, Value],
        key: str,
        value: Value,
        document: Document,
        at: Location,
        depth: int,
    ) -> None:
        before = into.get(key)
        if depth and isinstance(before, dict) and isinstance(value, dict):
            merged = dict(before)
            into[key] = merged
            for name, item in value.items():
                self._merge(merged, name, item, document, (*at, name), depth - 1)
        elif at[0] in _LISTS and isinstance(before, list) and isinstance(value, list):
            into[key] = [*before, *value]
            for index in range(len(value)):
                self._origins[*at, len(before) + index] = (document, (*at, index))
        else:
            into[key] = value
            self._origins[at] = (document, at)

    def document(self) -> Document:
        return replace(
            self._main,
            value=self._value,
            mistakes=tuple(self._mistakes),
            origins=self._origins,
        )
