"""``wasmctl check``."""

import dataclasses
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wasmctl.cli.options import CaFileOption, InsecureOption, PlainHttpOption, ProjectOption
from wasmctl.cli.output import note, show_findings, show_json

if TYPE_CHECKING:
    from wasmctl.build.checking import Checked
    from wasmctl.oci.access import Access
    from wasmctl.profiles import Finding


class _Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


class _FailOn(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Meant:
    """Where modules must run, and what is known of how."""

    hosts: tuple[str, ...]
    root_id: str | None
    max_size: int | None


def _hosts() -> list[str]:
    from wasmctl.profiles import PROFILES

    return list(PROFILES)


TargetsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FILE|DIR|REF]...",
        help="Compiled modules, projects' folders, images. Default: the project's module.",
        show_default=False,
    ),
]

HostOption = Annotated[
    list[str] | None,
    typer.Option(
        "--host",
        metavar="PROFILE",
        help="Where it must run: envoy-1.36 to envoy-1.40, istio, higress; several by"
        " repeating. Default: the project's, else all.",
        autocompletion=_hosts,
    ),
]

RootIdOption = Annotated[
    str | None,
    typer.Option(
        metavar="ID",
        help="The root id it will be given. Default: the project's; without one, none is tried.",
        show_default=False,
    ),
]

MaxSizeOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="BYTES",
        help="The bytes it may have. Default: the project's.",
        show_default=False,
    ),
]

FailOnOption = Annotated[_FailOn, typer.Option(help="What exits 6.")]

FindingsFormatOption = Annotated[_Format, typer.Option("--format", help="How to print the result.")]


def command(
    targets: TargetsArgument = None,
    folder: ProjectOption = Path(),
    hosts: HostOption = None,
    root_id: RootIdOption = None,
    max_size: MaxSizeOption = None,
    fail_on: FailOnOption = _FailOn.ERROR,
    plain_http: PlainHttpOption = False,
    insecure: InsecureOption = False,
    ca_file: CaFileOption = None,
    output_format: FindingsFormatOption = _Format.TEXT,
) -> None:
    """Say what would keep a module from running on a proxy.

    Exits 6 where something was found that is as bad as `--fail-on`.
    """
    from wasmctl import profiles
    from wasmctl.oci.access import Access

    meant = _Meant(hosts=tuple(hosts or ()), root_id=root_id, max_size=max_size)
    access = Access(plain_http=plain_http, insecure=insecure, ca_file=ca_file)
    profiles.named(meant.hosts)
    places: list[str | Path] = [*targets] if targets else [folder]
    checked = [_checked(each, meant, access) for each in places]
    _show(checked, output_format)
    profiles.fail([each for one in checked for each in one.findings], profiles.Level(fail_on))


def _checked(target: str | Path, meant: _Meant, access: "Access") -> "Checked":
    from wasmctl import oci
    from wasmctl.build import checking
    from wasmctl.build.setup import Setup
    from wasmctl.oci import reference

    place = reference.parse_or_path(target) if isinstance(target, str) else target
    if isinstance(place, Path) and (place is target or place.is_dir()):
        return _project_checked(place, meant)
    setup = Setup(root_id=meant.root_id)
    if isinstance(place, Path):
        return checking.check_file(place, meant.hosts, max_size=meant.max_size, setup=setup)
    content = oci.pull(place, access=access, on_progress=note).content
    return checking.check_bytes(
        str(target), content, meant.hosts, max_size=meant.max_size, setup=setup
    )


def _project_checked(folder: Path, meant: _Meant) -> "Checked":
    from wasmctl import project
    from wasmctl.build import checking

    return checking.check_project(
        project.load(folder), meant.hosts, root_id=meant.root_id, max_size=meant.max_size
    )


def _show(checked: "list[Checked]", output_format: _Format) -> None:
    match output_format:
        case _Format.TEXT:
            for one in checked:
                show_findings(one.findings)
                _show_summary(one)
        case _Format.JSON:
            found = [_fields(one) for one in checked]
            show_json(found[0] if len(found) == 1 else found)
        case _Format.GITHUB:
            for line in _annotations(checked):
                typer.echo(line)


def _show_summary(checked: "Checked") -> None:
    names = [f"{name}*" if name in checked.assumed else name for name in checked.hosts]
    typer.echo(f"{checked.name}: checked for {', '.join(names)}")
    if checked.assumed:
        typer.echo("  * by its sources and documentation; the others by running them")


def _fields(checked: "Checked") -> dict[str, Any]:
    return {
        "path": checked.name,
        "hosts": checked.hosts,
        "assumed": checked.assumed,
        "findings": [dataclasses.asdict(finding) for finding in checked.findings],
    }


def _annotations(checked: "list[Checked]") -> Iterator[str]:
    """Write findings as GitHub's runners read them (workflow commands)."""
    for one in checked:
        for finding in one.findings:
            yield _annotation(one.name, finding)


def _annotation(name: str, finding: "Finding") -> str:
    level = "notice" if finding.level == "note" else finding.level
    hosts = f" ({', '.join(finding.hosts)})" if finding.hosts else ""
    text = f"{finding.message}{hosts}; {finding.hint}"
    properties = f"file={_escaped(name, ':,')},title={_escaped(finding.rule, ':,')}"
    return f"::{level} {properties}::{_escaped(text, '')}"


def _escaped(text: str, more: str) -> str:
    return "".join(f"%{ord(one):02X}" if one in f"%\r\n{more}" else one for one in text)
