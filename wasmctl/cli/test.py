"""``wasmctl test``."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wasmctl.cli import test_options as options
from wasmctl.cli.options import Format, FormatOption, ProjectOption
from wasmctl.cli.output import note, show_json
from wasmctl.errors import NoTestsError, TestsFailedError, UsageError

if TYPE_CHECKING:
    from wasmctl.project import Project
    from wasmctl.testing.play import Manner
    from wasmctl.testing.report import Report
    from wasmctl.testing.selection import Selection
    from wasmctl.testing.suite import Suite


@dataclass(frozen=True, kw_only=True)
class _Running:
    """How the tests are run."""

    workers: int
    fail_fast: bool
    manner: "Manner"


def command(
    paths: options.PathsArgument = None,
    folder: ProjectOption = Path(),
    on: options.OnOption = None,
    list_only: options.ListOption = False,
    expression: options.ExpressionOption = "",
    tag: options.TagOption = None,
    fail_fast: options.FailFastOption = False,
    shuffle: options.ShuffleOption = None,
    repeat: options.RepeatOption = 1,
    workers: options.WorkersOption = 1,
    shard: options.ShardOption = None,
    min_tests: options.MinTestsOption = 0,
    fresh: options.FreshOption = False,
    trace: options.TraceOption = False,
    update_snapshots: options.UpdateSnapshotsOption = False,
    output_format: FormatOption = Format.TEXT,
    junit: options.JunitOption = None,
    tap: options.TapOption = None,
    github: options.GithubOption = False,
) -> None:
    """Run scenarios on the embedded host and on a real Envoy.

    On both, what each saw of the same test is compared, too. Exits 7 if a test failed, and 8 if
    there was nothing to run, or less than asked.
    """
    from wasmctl.testing.play import Manner

    project = _project(folder, paths or [])
    if fresh:
        _build(project)
    wanted = _wanted(expression, tag, shard, shuffle, repeat)
    suites = _chosen(paths or [], project, wanted)
    if list_only:
        _list(suites, output_format)
        return
    _warn_of_changes(suites, project)
    targets = _targets(on, project)
    manner = Manner(trace=trace, compare=len(targets) > 1, update_snapshots=update_snapshots)
    running = _Running(workers=workers, fail_fast=fail_fast, manner=manner)
    report = _run(suites, targets, project, output_format, running)
    _write(report, junit, tap)
    if github:
        _annotate(report, output_format)
    _raise_outcome(report, min_tests)


def _project(folder: Path, paths: list[Path]) -> "Project | None":
    """Load the project; where files are named, they may say all that is needed themselves."""
    from wasmctl import project

    if paths and not (folder / project.FILE_NAME).exists():
        return None
    return project.load(folder)


def _build(project: "Project | None") -> None:
    from wasmctl import build

    if project is None:
        raise UsageError("--fresh: there is no project to build", hint="run it in a project")
    build.build(project)


def _wanted(
    expression: str, tags: list[str] | None, shard: str | None, seed: int | None, repeat: int
) -> "Selection":
    from wasmctl.testing import selection

    return selection.Selection(
        expression=expression,
        tags=tuple(tags or ()),
        shard=selection.shard(shard) if shard else None,
        seed=seed,
        repeat=repeat,
    )


def _chosen(
    paths: list[Path], project: "Project | None", wanted: "Selection"
) -> "tuple[Suite, ...]":
    from wasmctl.testing import selection

    suites = selection.chosen(_suites(paths, project), wanted)
    if not suites:
        raise NoTestsError("no test was chosen", hint="see what there is: wasmctl test --list")
    return suites


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


def _targets(on: str | None, project: "Project | None") -> list[str]:
    from wasmctl import spelling
    from wasmctl.testing.targets import TARGETS

    default = project.file.test.on if project else ("harness",)
    names = dict.fromkeys(on.split(",")) if on is not None else dict.fromkeys(default)
    for name in names:
        if name not in TARGETS:
            near = spelling.nearest(name, TARGETS)
            hint = f"did you mean {near!r}?" if near else f"targets are {', '.join(TARGETS)}"
            raise UsageError(f"--on: unknown target {name!r}", hint=hint)
    return list(names)


def _list(suites: "tuple[Suite, ...]", output_format: Format) -> None:
    from wasmctl.cli.results import list_tests, listed

    if output_format is Format.JSON:
        show_json(listed(suites))
    else:
        list_tests(suites)


def _run(
    suites: "tuple[Suite, ...]",
    targets: list[str],
    project: "Project | None",
    output_format: Format,
    how: "_Running",
) -> "Report":
    from wasmctl.cli.results import ResultLines, live_line
    from wasmctl.testing import parity, runner
    from wasmctl.testing.report import Result, as_json
    from wasmctl.testing.targets import TARGETS

    start = time.monotonic()
    is_json = output_format is Format.JSON
    lines = ResultLines(to_stderr=is_json)
    total = len(targets) * sum(len(suite.scenarios) for suite in suites)
    with live_line(total) as live:

        def show(result: Result) -> None:
            lines.show(result)
            live.advance()

        if how.workers > 1:
            from wasmctl.testing import workers as several

            root = project.root if project else None
            played = several.played(suites, targets, root, workers=how.workers, manner=how.manner)
            report = runner.report_of(played, suites, show, fail_fast=how.fail_fast)
        else:
            report = runner.run(
                suites,
                [TARGETS[name]() for name in targets],
                on_stage=live.stage,
                on_result=show,
                fail_fast=how.fail_fast,
                manner=how.manner,
            )
    compared = parity.of(report.results)
    lines.parity(compared)
    lines.summary(report, time.monotonic() - start)
    if is_json:
        show_json(as_json(report) | parity.as_json(compared))
    return report


def _warn_of_changes(suites: "tuple[Suite, ...]", project: "Project | None") -> None:
    tested = {used.path for suite in suites for one in suite.scenarios for used in one.plugins}
    if project and project.output in tested:
        from wasmctl.testing.freshness import newer_source

        source = newer_source(project)
        if source:
            note(
                f"warning: {project.output} is older than {source};"
                " run: wasmctl build, or wasmctl test --fresh"
            )


def _write(report: "Report", junit: Path | None, tap: Path | None) -> None:
    from wasmctl import files

    if junit:
        from wasmctl.testing.junit import as_xml

        files.write(junit, as_xml(report))
    if tap:
        from wasmctl.testing.tap import as_tap

        files.write(tap, as_tap(report))


def _annotate(report: "Report", output_format: Format) -> None:
    import typer

    from wasmctl.testing.github import annotations

    for line in annotations(report):
        # GitHub reads both streams; where stdout is one JSON document, it must stay one.
        typer.echo(line, err=output_format is Format.JSON)


def _raise_outcome(report: "Report", min_tests: int) -> None:
    ran = report.passed + report.failed
    if report.failed:
        raise TestsFailedError(
            f"{report.failed} of {len(report.results)} tests failed",
            hint="compare what was expected with what was seen, above",
        )
    if not report.passed:
        raise NoTestsError("every test was skipped", hint="choose other targets with --on")
    if ran < min_tests:
        raise NoTestsError(
            f"{ran} tests ran, and --min-tests is {min_tests}",
            hint="see which were skipped or not chosen, above",
        )
