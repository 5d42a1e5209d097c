"""A project's files as one archive, for an engine that does not see them where they are."""

import functools
import os
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from wasmctl import files
from wasmctl.build import inputs
from wasmctl.build.engines.base import Order
from wasmctl.errors import BuildFailedError


def folders(user: str, *names: str) -> bytes:
    """Return an archive of empty folders that belong to a user, ``UID:GID``."""
    with tempfile.TemporaryFile() as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            for name in names:
                archive.addfile(_owned(_folder(name), user))
        file.seek(0)
        return file.read()


def tree(order: Order, user: str) -> IO[bytes]:
    """Return an archive of a project's folder without what builds make, owned by a user.

    Raises FilesError where a file cannot be read, or the archive not be written.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - its reader's
    root = order.project.root
    owned = functools.partial(_owned, user=user)
    path = root  # what the system's refusal is about
    try:
        with tarfile.open(fileobj=file, mode="w") as archive:
            archive.addfile(_owned(_folder("."), user))
            for path in _below(root, skipped=inputs.never(order.language)):
                name = path.relative_to(root).as_posix()
                archive.add(path, name, recursive=False, filter=owned)
    except OSError as error:
        raise files.refusal(error, "send", path) from error
    file.seek(0)
    return file


def check_links(order: Order) -> None:
    """Raise BuildFailedError where a source is a link that a container cannot follow."""
    root = order.project.root.resolve()
    for path in _linked(order):
        target = path.readlink()
        if target.is_absolute() or not path.resolve().is_relative_to(root):
            raise BuildFailedError(
                f"{path.relative_to(order.project.root)} is a link out of the project, to {target}:"
                " a container sees the project alone",
                hint="copy what it names into the project, or build with --engine local",
            )


def _linked(order: Order) -> Iterator[Path]:
    root, folder = order.project.root, order.language.fetch.folder
    names = [*inputs.paths(order.project, order.language), *([folder] if folder else [])]
    parts = {part for name in names for part in (Path(name), *Path(name).parents)}
    return (root / part for part in sorted(parts) if part.parts and (root / part).is_symlink())


def _below(root: Path, *, skipped: frozenset[str]) -> Iterator[Path]:
    for folder, names, found in os.walk(root):
        here = Path(folder)
        if here == root:
            names[:] = [name for name in names if name not in skipped]
        yield from (here / name for name in sorted([*names, *found]))


def _folder(name: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
    return entry


def _owned(entry: tarfile.TarInfo, user: str) -> tarfile.TarInfo:
    owner, _, group = user.partition(":")
    entry.uid, entry.gid, entry.uname, entry.gname = int(owner), int(group), "", ""
    return entry
