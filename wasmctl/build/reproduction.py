"""Whether the same sources give the same bytes again, somewhere else."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from wasmctl import build, files
from wasmctl.build import inputs, scratch
from wasmctl.build.job import somewhere_to_build
from wasmctl.errors import DriftError
from wasmctl.languages import LANGUAGES
from wasmctl.project import Project


def check(
    project: Project,
    built: "build.Built",
    *,
    engine: str | None = None,
    timeout: float | None = None,
    on_line: "build.Show | None" = None,
) -> None:
    """Build a project once more, in another folder and with nothing kept from before.

    Raises DriftError where the bytes are not those of ``built``, and what a build raises.
    """
    with somewhere_to_build(), scratch.folder(Path(tempfile.gettempdir())) as place:
        copy = replace(project, root=place / "somewhere else")
        _copy(project, copy.root)
        again = build.build(
            copy, engine=engine, locked=True, timeout=timeout, is_once=True, on_line=on_line
        )
        if again.record.digest != built.record.digest:
            raise _difference(built, again)


def _copy(project: Project, place: Path) -> None:
    never = inputs.never(LANGUAGES[project.file.project.language])
    output = project.output.resolve()

    def skipped(folder: str, names: list[str]) -> set[str]:
        is_root = Path(folder) == project.root
        made = {name for name in names if Path(folder, name).resolve() == output}
        return made | (never & set(names) if is_root else set())

    try:
        shutil.copytree(project.root, place, symlinks=False, ignore=skipped)
    except OSError as error:
        raise files.refusal(error, "copy", project.root) from error


def _difference(built: "build.Built", again: "build.Built") -> DriftError:
    ours, theirs = (files.read(each.path) for each in (built, again))
    pairs = enumerate(zip(ours, theirs, strict=False))
    first = next((at for at, (a, b) in pairs if a != b), min(len(ours), len(theirs)))
    return DriftError(
        f"not reproducible: {built.record.digest} here, {again.record.digest} elsewhere;"
        f" they differ from byte {first} on",
        hint="look for what the sources take from their surroundings: paths, times, variables",
    )
