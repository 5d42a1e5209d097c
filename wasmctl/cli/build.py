"""``wasmctl build``."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wasmctl.cli.options import Format, FormatOption, ProjectOption
from wasmctl.cli.output import bytes_size, note, show_findings, show_json

if TYPE_CHECKING:
    from wasmctl.build import Built


def _engines() -> list[str]:
    from wasmctl.build.engines import AUTO, ENGINES

    return [AUTO, *ENGINES]


def command(
    folder: ProjectOption = Path(),
    engine: Annotated[
        str,
        typer.Option(metavar="ENGINE", help="What runs the build.", autocompletion=_engines),
    ] = "auto",
    output_format: FormatOption = Format.TEXT,
) -> None:
    """Compile the project's plugin into `dist/`, unless nothing has changed since the last time.

    Exits 6 where a host that the plugin is meant for would refuse it, as `wasmctl check` tells.
    """
    from wasmctl import build, profiles, project

    built = build.build(project.load(folder), engine=engine, on_line=note)
    if output_format is Format.JSON:
        show_json(_as_json(built))
    else:
        _show(built)
    profiles.fail(built.findings, profiles.Level.ERROR)


def _as_json(built: "Built") -> dict[str, Any]:
    state = {"path": str(built.path), "was_current": built.was_current}
    findings = [dataclasses.asdict(finding) for finding in built.findings]
    return state | dataclasses.asdict(built.record) | {"findings": findings}


def _show(built: "Built") -> None:
    made = built.record
    show_findings([each for each in built.findings if each.level != "note"], stderr=True)
    seconds = made.duration_ms / 1000
    state = "up to date: " if built.was_current else "built "
    duration = "" if built.was_current else f", in {seconds:.1f} s"
    typer.echo(f"{state}{built.path} ({bytes_size(made.size)}, ABI {made.abi}){duration}")
    typer.echo(f"  {made.digest}")
