"""``wasmctl build``."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wasmctl.cli.options import Format, FormatOption, ProjectOption
from wasmctl.cli.output import bytes_size, note, show_findings, show_json

if TYPE_CHECKING:
    from wasmctl.build import Built
    from wasmctl.project import Project


def _engines() -> list[str]:
    from wasmctl.build import engines

    return [engines.AUTO, *engines.names()]


EngineOption = Annotated[
    str | None,
    typer.Option(
        metavar="ENGINE",
        help="What runs the build: local, container, or auto: local where the tools are there."
        " Default: the project's choice.",
        autocompletion=_engines,
        envvar="WASMCTL_BUILD_ENGINE",
        show_default=False,
    ),
]

ImageOption = Annotated[
    str | None,
    typer.Option(
        metavar="IMAGE",
        help="The image of a build in a container. Default: the project's choice.",
        show_default=False,
    ),
]

LockedOption = Annotated[
    bool, typer.Option("--locked", help="Fail where the lock of the packages would change.")
]

TimeoutOption = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS", help="Stop a build that takes longer.", min=0.1, show_default=False
    ),
]

CheckReproducibleOption = Annotated[
    bool,
    typer.Option(
        "--check-reproducible", help="Build again elsewhere, and fail where the bytes differ."
    ),
]

PrintPlanOption = Annotated[
    bool, typer.Option("--print-plan", help="Print the commands of each engine; run none.")
]


def command(
    folder: ProjectOption = Path(),
    engine: EngineOption = None,
    image: ImageOption = None,
    locked: LockedOption = False,
    timeout: TimeoutOption = None,
    check_reproducible: CheckReproducibleOption = False,
    print_plan: PrintPlanOption = False,
    output_format: FormatOption = Format.TEXT,
) -> None:
    """Compile the project's plugin into `dist/`, unless nothing has changed since the last time.

    Exits 6 where a host that the plugin is meant for would refuse it, as `wasmctl check` tells.
    """
    from wasmctl import build, profiles, project
    from wasmctl.build import reproduction

    loaded = project.load(folder, image=image)
    if print_plan:
        _show_plans(loaded, engine, output_format)
        return
    built = build.build(loaded, engine=engine, locked=locked, timeout=timeout, on_line=note)
    if check_reproducible:
        reproduction.check(loaded, built, engine=engine, timeout=timeout, on_line=note)
    if output_format is Format.JSON:
        show_json(_as_json(built))
    else:
        _show(built)
    profiles.fail(built.findings, profiles.Level.ERROR)


def _show_plans(project: "Project", engine: str | None, output_format: Format) -> None:
    from wasmctl import build

    plans = build.plans(project, engine)
    if output_format is Format.JSON:
        show_json(plans)
        return
    for name, commands in plans.items():
        typer.echo(f"{name}:")
        for line in commands:
            typer.echo(f"  {line}")


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
    before = f", {bytes_size(made.optimized_from)} before wasm-opt" if made.optimized_from else ""
    size = f"{bytes_size(made.size)}{before}, ABI {made.abi}"
    typer.echo(f"{state}{built.path} ({size}){duration}")
    typer.echo(f"  {made.digest}")
