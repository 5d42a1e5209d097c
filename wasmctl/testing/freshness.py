"""Whether a project's module is older than what it is made of."""

from pathlib import Path

from wasmctl.build import inputs
from wasmctl.languages import LANGUAGES
from wasmctl.project import Project


def newer_source(project: Project) -> Path | None:
    """Return the newest source that changed after the module was written, or None.

    By the times of the files: a hint for people, not what decides about a build.
    """
    built = project.output.stat().st_mtime_ns
    language = LANGUAGES[project.file.project.language]
    sources = [project.root / name for name in inputs.paths(project, language)]
    newest = max(sources, key=lambda path: path.stat().st_mtime_ns)
    return newest if newest.stat().st_mtime_ns > built else None
