"""Which scenario files are meant by the paths that a user names."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from wasmctl import files

SUFFIXES = (".wasmtest.yaml", ".wasmtest.yml")

# Other people's files, and ours that are generated.
_NEVER = frozenset({"node_modules", "target"})


def find(paths: Iterable[Path]) -> list[Path]:
    """Return the scenario files at or below ``paths``, each once, in the order of their names.

    A file that is named is taken whatever its suffix. Raises FilesError for a path that is not
    there.
    """
    found = {file.resolve(): file for path in paths for file in _at(path)}
    return list(found.values())


def _at(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(_below(path))
    elif path.exists():
        yield path
    else:
        raise files.refusal(FileNotFoundError(2, ""), "read", path)


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and not path.name.startswith(".") and path.name not in _NEVER:
            yield from _below(path)
        elif path.name.endswith(SUFFIXES) and path.is_file():
            yield path
