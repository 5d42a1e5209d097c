"""What a build depends on, as one hash: equal hashes need no new build."""

import glob
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wasmctl import files
from wasmctl.languages.base import ANYWHERE, Language
from wasmctl.project import FILE_NAME, Project

# Below these no file is a source, whatever a glob says.
_NEVER = frozenset({".git", ".wasmctl", "dist", "target"})


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """The files a build read, and the ``sha256:`` hash over them, its commands and its tools."""

    count: int
    digest: str


def read(project: Project, language: Language, versions: Mapping[str, str]) -> Inputs:
    """Hash what a build of the project would read now.

    Raises FilesError where a file cannot be read.
    """
    found = paths(project, language)
    commands = [str(language.fetch.pinned), str(language.compile(ANYWHERE))]
    plan = [*commands, sorted(versions.items())]
    whole = hashlib.sha256(json.dumps(plan).encode())
    for path in found:
        content = hashlib.sha256(files.read(project.root / path))
        whole.update(os.fsencode(path) + b"\0" + content.digest())
    return Inputs(count=len(found), digest=f"sha256:{whole.hexdigest()}")


def paths(project: Project, language: Language) -> list[str]:
    """Return the files that a build reads, relative to the project's folder."""
    globs = (FILE_NAME, *(project.file.build.inputs or language.inputs))
    found = {path for pattern in globs for path in _matches(pattern, project.root)}
    skipped = never(language)
    return sorted(path for path in found if _is_input(project, path, skipped))


def never(language: Language) -> frozenset[str]:
    """Return the names in a project's folder below which there are no sources."""
    return _NEVER | ({language.fetch.folder} if language.fetch.folder else set())


def _matches(pattern: str, root: Path) -> list[str]:
    # Not Path.glob: what ** means there, for files and links, differs between Python releases.
    return glob.glob(pattern, root_dir=root, recursive=True, include_hidden=True)  # noqa: PTH207


def _is_input(project: Project, path: str, skipped: frozenset[str]) -> bool:
    whole = project.root / path
    return Path(path).parts[0] not in skipped and whole.is_file() and whole != project.output
