"""Where the files of a template come to stand: in the project, each in a place of its own."""

import unicodedata
from pathlib import PurePosixPath

from wasmctl.errors import DefinitionError

# Written into a repository, a file below runs with the next command of its owner.
_FORBIDDEN = {".git", ".hg", ".svn"}


class Targets:
    """The places that files of one project have taken so far."""

    def __init__(self) -> None:
        self._files: set[PurePosixPath] = set()
        self._folders: set[PurePosixPath] = set()
        self._folded: dict[str, PurePosixPath] = {}

    def take(self, name: str) -> PurePosixPath:
        """Return the place of a file of this name, relative to the project.

        Raises DefinitionError where it lies outside, where nobody could type it, and where there
        is another one, even one that only some systems can tell from it: ``a`` and ``A``.
        """
        path = _inside(name)
        for above in (path, *path.parents):
            other = self._folded.setdefault(_folded(above), above)
            if other != above or above in self._files or path in self._folders:
                raise _refusal(f"both {str(other)!r} and {name!r}", "which would be in one place")
        self._files.add(path)
        self._folders.update(path.parents)
        return path


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    parts = {part.lower() for part in path.parts}
    if path.is_absolute() or not parts or ".." in parts or parts & _FORBIDDEN or "\\" in name:
        raise _refusal(repr(name), "which is not a file of the project")
    # A control character in a name changes what a terminal shows of it; a half of a surrogate pair
    # stands for a byte that is no UTF-8.
    if any(unicodedata.category(one) in {"Cc", "Cf", "Cs"} for one in name):
        raise _refusal(ascii(name), "which nobody could type")
    return path


def _folded(path: PurePosixPath) -> str:
    return unicodedata.normalize("NFC", str(path)).casefold()


def _refusal(made: str, reason: str) -> DefinitionError:
    return DefinitionError(
        f"the template would make {made}, {reason}",
        hint="do not use this template: nothing was made",
    )
