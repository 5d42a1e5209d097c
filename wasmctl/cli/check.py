"""``wasmctl check``."""

import dataclasses
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wasmctl.cli.options import ProjectOption
from wasmctl.cli.output import show_findings, show_json

if TYPE_CHECKING:
    from wasmctl.build.checking import Checked
    from wasmctl.profiles import Finding


class _Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


class _FailOn(StrEnum):
    ERROR = "error"
    WARNING = "warning"


def _hosts() -> list[str]:
    from wasmctl.profiles import PROFILES

    return list(PROFILES)


def command(
    file: Annotated[
        Path | None,
        typer.Argument(help="A compiled module. Default: the project's.", show_default=False),
    ] = None,
    folder: ProjectOption = Path(),
    hosts: Annotated[
        list[str] | None,
        typer.Option(
            "--host",
            metavar="PROFILE",
            help="Where it must run: envoy-1.36 to envoy-1.40, istio, higress; several by"
            " repeating. Default: the project's, else all.",
            autocompletion=_hosts,
        ),
    ] = None,
    fail_on: Annotated[_FailOn, typer.Option(help="What exits 6.")] = _FailOn.ERROR,
    output_format: Annotated[
        _Format, typer.Option("--format", help="How to print the result.")
    ] = _Format.TEXT,
) -> None:
    """Say what would keep a module from running on a proxy, from its bytes alone.

    Exits 6 where something was found that is as bad as `--fail-on`.
    """
    from wasmctl import profiles, project
    from wasmctl.build import checking

    if file:
        checked = checking.check_file(file, hosts or ())
    else:
        checked = checking.check_project(project.load(folder), hosts or ())
    _show(checked, output_format)
    profiles.fail(checked.findings, profiles.Level(fail_on))


def _show(checked: "Checked", output_format: _Format) -> None:
    match output_format:
        case _Format.TEXT:
            show_findings(checked.findings)
            typer.echo(f"{checked.path}: checked for {', '.join(checked.hosts)}")
        case _Format.JSON:
            show_json({**dataclasses.asdict(checked), "path": str(checked.path)})
        case _Format.GITHUB:
            for finding in checked.findings:
                typer.echo(_annotation(checked.path, finding))


def _annotation(path: Path, finding: "Finding") -> str:
    """Write a finding as GitHub's runners read it (workflow commands)."""
    level = "notice" if finding.level == "note" else finding.level
    hosts = f" ({', '.join(finding.hosts)})" if finding.hosts else ""
    text = f"{finding.message}{hosts}; {finding.hint}"
    properties = f"file={_escaped(str(path), ':,')},title={finding.rule}"
    return f"::{level} {properties}::{_escaped(text, '')}"


def _escaped(text: str, more: str) -> str:
    return "".join(f"%{ord(one):02X}" if one in f"%\r\n{more}" else one for one in text)
