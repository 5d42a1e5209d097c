"""From a project's sources to a plugin."""

import contextlib
import dataclasses
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from wasmctl import files, module, plugin
from wasmctl.build import checking, engines, inputs, packages, record, scratch
from wasmctl.build.deadline import Deadline
from wasmctl.build.engines.base import Making, Order, Ran
from wasmctl.build.job import Job, somewhere_to_build
from wasmctl.build.record import Record
from wasmctl.errors import EnvironmentMissingError
from wasmctl.languages import LANGUAGES, wasm_opt
from wasmctl.languages.base import ANYWHERE
from wasmctl.plugin import Plugin
from wasmctl.profiles import Finding
from wasmctl.project import Project

_LOCK = ".build.lock"

Show = Callable[[str], None]


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
    project: Project,
    *,
    engine: str | None = None,
    locked: bool = False,
    timeout: float | None = None,
    is_once: bool = False,
    on_line: Show | None = None,
) -> Built:
    """Build a project's plugin, unless the one that is there was made of the same inputs.

    ``engine`` is the project's choice unless given. With ``locked``, no lock of the project
    changes. ``timeout`` is in seconds, from the first command on. With ``is_once``, no engine keeps
    anything for the project's folder. ``on_line`` is given the live output of the tools. Two builds
    of one project take turns.

    Raises EnvironmentMissingError, NetworkError, BuildFailedError, DeadlineError, DriftError,
    NotAPluginError, FilesError.
    """
    order = replace(_order(project, on_line, timeout), is_once=is_once)
    chosen = engines.choose(engine or project.file.build.engine, order)
    lock = project.output.parent / _LOCK
    with (
        somewhere_to_build(),
        files.locked(lock, on_wait=lambda: order.show("waiting for another build to end")),
        _opened(chosen, order, is_locked=locked, on_line=on_line) as job,
    ):
        scratch.sweep(project.output.parent)
        current = _current(job)
        made = current or _make(job, chosen)
        found = checking.check_project(project, validates=False).findings
    return Built(path=project.output, record=made, was_current=current is not None, findings=found)


def plans(project: Project, engine: str | None = None) -> dict[str, list[str]]:
    """Return the commands of each engine, or of one, as one would type them. Runs none."""
    order = _order(project, None, None)
    wanted = engine or project.file.build.engine
    names = engines.names() if wanted == engines.AUTO else (wanted,)
    return {name: engines.engine(name).plan(order) for name in names}


def _order(project: Project, on_line: Show | None, timeout: float | None) -> Order:
    return Order(
        project=project,
        language=LANGUAGES[project.file.project.language],
        show=on_line or (lambda _line: None),
        deadline=Deadline(timeout),
    )


@contextlib.contextmanager
def _opened(
    chosen: engines.Chosen, order: Order, *, is_locked: bool, on_line: Show | None
) -> Iterator[Job]:
    with contextlib.ExitStack() as stack:
        try:
            workshop = stack.enter_context(chosen.engine.opened(order))
        except EnvironmentMissingError as error:
            raise _neither(chosen.instead_of, error) or error from error
        yield Job(order=order, workshop=workshop, is_locked=is_locked, on_line=on_line)


def _neither(
    local: EnvironmentMissingError | None, container: EnvironmentMissingError
) -> EnvironmentMissingError | None:
    """Return the error where no engine builds: both reasons, and both remedies."""
    if local is None:
        return None
    return EnvironmentMissingError(
        f"{local.message}; and for a build in a container, {container.message}",
        hint=f"{local.hint}; or {container.hint}",
    )


def _current(job: Job) -> Record | None:
    known = record.read(job.project.output.parent)
    if known and record.describes(known, job.project.output):
        now = inputs.read(job.project, job.language, job.workshop.versions)
        if known.input_hash == now.digest:
            return known
    return None


def _make(job: Job, chosen: engines.Chosen) -> Record:
    start = time.monotonic()
    job.order.show(f"engine: {chosen.engine.name} ({job.workshop.title}), {chosen.reason}")
    versions = job.workshop.versions  # a tool that is missing is told of before anything else
    packages.install(job)
    made_of = inputs.read(job.project, job.language, versions)
    compiled = _compile(job)
    optimized = _optimize(job, compiled)
    image = job.workshop.image
    made = Record(
        module=job.project.output.name,
        digest=optimized.digest,
        size=len(optimized.content),
        abi=optimized.abi_version,
        engine=chosen.engine.name,
        image=dataclasses.asdict(image) if image else None,
        tools=_tool_versions(job) | _file_versions(job),
        commands=_commands(job),
        optimized_from=len(compiled.content) if job.project.file.build.optimize else None,
        input_hash=made_of.digest,
        inputs=made_of.count,
        duration_ms=round((time.monotonic() - start) * 1000),
    )
    files.write(job.project.output, optimized.content)
    record.write(made, job.project.output.parent)
    return made


def _tool_versions(job: Job) -> dict[str, str]:
    return {name: found for name, found in job.workshop.versions.items() if name != "image"}


def _file_versions(job: Job) -> dict[str, str]:
    found = {}
    for name, stated in job.language.versions.items():
        path = job.project.root / stated.file
        text = files.read(path).decode(errors="replace") if path.is_file() else ""
        version = re.search(stated.pattern, text)
        if version:
            found[name] = version[1]
    return found


def _commands(job: Job) -> list[str]:
    level = job.project.file.build.optimize
    optimizing = [wasm_opt.command(job.language, level, ANYWHERE)] if level else []
    return [str(each) for each in (job.language.compile(ANYWHERE), *optimizing)]


def _compile(job: Job) -> Plugin:
    language = job.language
    ran, content = job.workshop.make(Making(command=language.compile, made=language.made))
    hint = "correct the sources as the compiler says, then build again"
    return _plugin(job, ran, content, doing="compile the plugin", hint=hint)


def _optimize(job: Job, compiled: Plugin) -> Plugin:
    level = job.project.file.build.optimize
    if level is None:
        return compiled
    making = Making(
        command=lambda places: wasm_opt.command(job.language, level, places),
        made=lambda places: places.output,
        given=compiled.content,
    )
    ran, content = job.workshop.make(making)
    hint = "see what wasm-opt says, or build without [build] optimize"
    return _plugin(job, ran, content, doing="optimize the plugin", hint=hint)


def _plugin(job: Job, ran: Ran, content: bytes | None, *, doing: str, hint: str) -> Plugin:
    if ran.exit_code:
        raise job.failure(ran, doing, hint=hint)
    if content is None:
        raise job.failure(ran, f"{doing}, which left no module", hint=job.language.unmade)
    with module.naming(job.project.output):
        return plugin.parse(content)
