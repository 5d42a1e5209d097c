"""``wasmctl test``."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wasmctl.cli.options import Format, FormatOption, ProjectOption
from wasmctl.cli.output import note, show_json
from wasmctl.errors import NoTestsError, TestsFailedError, UsageError

if TYPE_CHECKING:
    from wasmctl.project import Project
    from wasmctl.testing.report import Report
    from wasmctl.testing.suite import Suite
    from wasmctl.testing.targets.base import Target


def _target_names() -> list[str]:
    from wasmctl.testing.targets import TARGETS

    return list(TARGETS)


def command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Scenario files, or folders of them. Default: the project's tests."),
    ] = None,
    folder: ProjectOption = Path(),
    on: Annotated[
        str | None,
        typer.Option(
            metavar="TARGETS",
            help="Where they run: `harness`, `envoy` or `harness,envoy`. Default: the project's.",
            autocompletion=_target_names,
        ),
    ] = None,
    output_format: FormatOption = Format.TEXT,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a JUnit report for CI, too.")
    ] = None,
) -> None:
    """Run scenarios on the embedded host and on a real Envoy.

    Exits 7 if a test failed, and 8 if there was nothing to run.
    """
    project = _project(folder, paths or [])
    suites = _suites(paths or [], project)
    _warn_of_changes(suites, project)
    report = _run(suites, _targets(on, project), output_format)
    if junit:
        from wasmctl import files
        from wasmctl.testing.junit import as_xml

        files.write(junit, as_xml(report))
    _raise_outcome(report)


def _project(folder: Path, paths: list[Path]) -> "Project | None":
    """Load the project; where files are named, they may say all that is needed themselves."""
    from wasmctl import project

    if paths and not (folder / project.FILE_NAME).exists():
        return None
    return project.load(folder)


def _suites(paths: list[Path], project: "Project | None") -> "tuple[Suite, ...]":
    from wasmctl.testing import discovery, suite

    defaults = [project.root / path for path in project.file.test.paths] if project else []
    # The project's folders need not be there; what the user names must.
    found = discovery.find(paths or [path for path in defaults if path.exists()])
    if not found:
        where = ", ".join(map(str, paths or defaults))
        hint = f"write one, with a name that ends in {discovery.SUFFIXES[0]}"
        raise NoTestsError(f"no scenario files in {where}", hint=hint)
    return suite.open_suites(found, project)


def _targets(on: str | None, project: "Project | None") -> "list[Target]":
    from wasmctl import spelling
    from wasmctl.testing.targets import TARGETS

    default = project.file.test.on if project else ("harness",)
    names = dict.fromkeys(on.split(",")) if on is not None else default
    for name in names:
        if name not in TARGETS:
            near = spelling.nearest(name, TARGETS)
            hint = f"did you mean {near!r}?" if near else f"targets are {', '.join(TARGETS)}"
            raise UsageError(f"--on: unknown target {name!r}", hint=hint)
    return [TARGETS[name]() for name in names]


def _run(suites: "tuple[Suite, ...]", targets: "list[Target]", output_format: Format) -> "Report":
    from wasmctl import testing
    from wasmctl.cli.results import ResultLines, live_line
    from wasmctl.testing.report import Result, as_json

    start = time.monotonic()
    is_json = output_format is Format.JSON
    lines = ResultLines(to_stderr=is_json)
    total = len(targets) * sum(len(suite.scenarios) for suite in suites)
    with live_line(total) as live:

        def show(result: Result) -> None:
            lines.show(result)
            live.advance()

        report = testing.run(suites, targets, on_stage=live.stage, on_result=show)
    lines.summary(report, time.monotonic() - start)
    if is_json:
        show_json(as_json(report))
    return report


def _warn_of_changes(suites: "tuple[Suite, ...]", project: "Project | None") -> None:
    from wasmctl.testing.freshness import newer_source

    tested = {scenario.plugin.path for suite in suites for scenario in suite.scenarios}
    if project and project.output in tested:
        source = newer_source(project)
        if source:
            note(f"warning: {project.output} is older than {source}; run: wasmctl build")


def _raise_outcome(report: "Report") -> None:
    if report.failed:
        raise TestsFailedError(
            f"{report.failed} of {len(report.results)} tests failed",
            hint="compare what was expected with what was seen, above",
        )
    if not report.passed:
        raise NoTestsError("every test was skipped", hint="choose other targets with --on")
