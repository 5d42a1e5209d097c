"""A made project to its place: all of it, or nothing."""

import contextlib
import enum
from pathlib import Path

from wasmctl import files
from wasmctl.errors import FilesError


class Existing(enum.Enum):
    """What becomes of a folder that has files already."""

    FAIL = "fail"
    SKIP = "skip"
    OVERWRITE = "overwrite"


def check_folder(folder: Path, existing: Existing = Existing.FAIL) -> None:
    """Raise FilesError unless a project can be made at ``folder``: absent, or empty, or agreed."""
    try:
        is_free = not folder.exists() or not any(folder.iterdir())
    except OSError as error:
        raise files.refusal(error, "create a project in", folder) from error
    if not is_free and existing is Existing.FAIL:
        raise FilesError(
            f"{folder} is not empty",
            hint="name a new folder, or say what becomes of equal names: --into-existing skip",
        )


def there(names: list[Path], place: Path) -> set[Path]:
    """Return the files of a project that are in its place already.

    Raises FilesError where a folder is in the way of a file, or a link leads out of the place.
    """
    found = {name for name in names if (place / name).exists() or (place / name).is_symlink()}
    for name in names:
        above = (place / name).parent.resolve()
        if not above.is_relative_to(place.resolve()):
            raise FilesError(
                f"{place / name} would be made in {above}", hint="remove the link on the way to it"
            )
        if name in found and (place / name).is_dir() and not (place / name).is_symlink():
            raise FilesError(f"{place / name} is a folder", hint="move it away: a file comes there")
    return found


def publish(made: Path, names: list[Path], place: Path, stage: Path) -> None:
    """Move files from ``made`` to ``place``; what they replace is kept in ``stage`` meanwhile.

    All are on one disk. Where one cannot be moved, all are taken back.
    """
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        made.rename(place)
        return
    # The folder that is there stays the one it is: a shell may stand in it.
    with contextlib.ExitStack() as undo:
        for number, name in enumerate(names):
            _move(made / name, place / name, stage / f"replaced-{number}", undo)
        undo.pop_all()


def _move(source: Path, target: Path, old: Path, undo: contextlib.ExitStack) -> None:
    for folder in reversed([above for above in target.parents if not above.exists()]):
        folder.mkdir()
        undo.callback(folder.rmdir)
    if target.exists() or target.is_symlink():
        target.rename(old)
        undo.callback(old.rename, target)
    source.rename(target)
    undo.callback(target.unlink)
