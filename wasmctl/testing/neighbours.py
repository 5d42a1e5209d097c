"""The files that a scenario file may name: regular ones, below its project's folder.

A scenario file may come from anybody; it must not be able to have other files of the machine sent
through a plugin, printed or waited for.
"""

from dataclasses import dataclass
from pathlib import Path

MAX_SIZE = 16 << 20


class NeighbourError(ValueError):
    """A file that cannot be had, with the reason."""


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """The files around a scenario file.

    Attributes:
        folder: where the scenario file is; names are relative to it.
        root: what no name may lead out of, by ``..``, a link or an absolute path.

    """

    folder: Path
    root: Path

    def find(self, name: str) -> Path:
        """Return where a file is.

        Raises NeighbourError with the reason why it may not be read.
        """
        try:
            path = (self.folder / name).resolve()
            if not path.is_relative_to(self.root.resolve()):
                raise NeighbourError(f"{name!r} leads out of {self.root.resolve()}")
            if not path.exists():
                raise NeighbourError(f"no file {name!r} beside the scenario file")
            if not path.is_file():
                raise NeighbourError(f"{name!r} is not a file")
        except (OSError, ValueError, RuntimeError) as error:
            if isinstance(error, NeighbourError):
                raise
            raise NeighbourError(f"{name!r} cannot be read: {error}") from error
        return path

    def read(self, name: str) -> bytes:
        """Return the bytes of a file.

        Raises NeighbourError as `find` does, and for a file that is too large.
        """
        path = self.find(name)
        try:
            with path.open("rb") as file:
                content = file.read(MAX_SIZE + 1)
        except OSError as error:
            raise NeighbourError(f"{name!r} cannot be read: {error.strerror}") from error
        if len(content) > MAX_SIZE:
            raise NeighbourError(f"{name!r} has more than {MAX_SIZE:,} bytes")
        return content


def of(path: Path, project_root: Path | None) -> Neighbours:
    """Return the neighbours of a scenario file: those in its project, or else in its folder."""
    folder = path.parent.resolve()
    inside = project_root is not None and folder.is_relative_to(project_root.resolve())
    return Neighbours(folder=folder, root=project_root if project_root and inside else folder)
