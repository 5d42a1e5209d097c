"""From a project's sources to a plugin."""

import contextlib
import errno
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from wasmctl import files, module, plugin
from wasmctl.build import checking, inputs, packages, record
from wasmctl.build.engines import AUTO, choose
from wasmctl.build.job import Job
from wasmctl.build.record import Record
from wasmctl.languages import LANGUAGES
from wasmctl.plugin import Plugin
from wasmctl.profiles import Finding
from wasmctl.project import Project

_LOCK = ".build.lock"


@dataclass(frozen=True, kw_only=True)
class Built:
    """A module that is there, and whether this build had anything to do for it.

    Attributes:
        findings: what would keep it from running on the hosts it is meant for, worst first.

    """

    path: Path
    record: Record
    was_current: bool
    findings: tuple[Finding, ...]


def build(
    project: Project, *, engine: str = AUTO, on_line: Callable[[str], None] | None = None
) -> Built:
    """Build a project's plugin, unless the one that is there was made of the same inputs.

    ``on_line`` is given the live output of the tools. Two builds of one project take turns.

    Raises EnvironmentMissingError, NetworkError, BuildFailedError, NotAPluginError, FilesError.
    """
    language = LANGUAGES[project.file.project.language]
    job = Job(project=project, language=language, engine=choose(engine), on_line=on_line)
    lock = project.output.parent / _LOCK
    with files.locked(lock, on_wait=lambda: job.show("waiting for another build to end")):
        current = _current(job)
        made = current or _make(job)
        found = checking.check_project(project).findings
    return Built(path=project.output, record=made, was_current=current is not None, findings=found)


def _current(job: Job) -> Record | None:
    known = record.read(job.project.output.parent)
    if known and record.describes(known, job.project.output):
        now = inputs.read(job.project, job.language, _tool_versions(job))
        return known if known.input_hash == now.digest else None
    return None


def _make(job: Job) -> Record:
    start = time.monotonic()
    packages.install(job)
    versions = _tool_versions(job)
    made_of = inputs.read(job.project, job.language, versions)
    compiled = _compile(job)
    made = Record(
        module=job.project.output.name,
        digest=compiled.digest,
        size=len(compiled.content),
        abi=compiled.abi_version,
        engine=job.engine.name,
        tools=versions | _file_versions(job),
        input_hash=made_of.digest,
        inputs=made_of.count,
        duration_ms=round((time.monotonic() - start) * 1000),
    )
    files.write(job.project.output, compiled.content)
    record.write(made, job.project.output.parent)
    return made


def _tool_versions(job: Job) -> dict[str, str]:
    compiler = job.language.compile.tool
    return {compiler: job.engine.version(job.language, compiler)}


def _file_versions(job: Job) -> dict[str, str]:
    found = {}
    for name, stated in job.language.versions.items():
        path = job.project.root / stated.file
        text = files.read(path).decode(errors="replace") if path.is_file() else ""
        version = re.search(stated.pattern, text)
        if version:
            found[name] = version[1]
    return found


def _compile(job: Job) -> Plugin:
    with _scratch(job.project.output.parent) as folder:
        written = folder / job.project.output.name
        relative = os.path.relpath(written, job.project.root)
        finished = job.run(job.language.compile.writing(relative))
        if finished.exit_code or not written.is_file():
            hint = "correct the sources as the compiler says, then build again"
            raise job.failure(finished, "compile the plugin", hint=hint)
        content = files.read(written)
        _check_room(folder, len(content))
        with module.naming(job.project.output):
            return plugin.parse(content)


def _check_room(folder: Path, size: int) -> None:
    # On a full disk the AssemblyScript compiler writes half a module and reports success.
    if shutil.disk_usage(folder).free < size:
        raise files.refusal(OSError(errno.ENOSPC, ""), "write in", folder.parent)


@contextlib.contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    """Give a folder that is gone afterwards, whatever a compiler leaves in it."""
    try:
        folder = tempfile.TemporaryDirectory(dir=beside, prefix=".build-")
    except OSError as error:
        raise files.refusal(error, "write in", beside) from error
    with folder as path:
        yield Path(path)
