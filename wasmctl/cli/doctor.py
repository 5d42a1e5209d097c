"""``wasmctl doctor``."""

import dataclasses
from typing import TYPE_CHECKING

from wasmctl.cli.options import Format, FormatOption
from wasmctl.cli.output import console, show_json
from wasmctl.errors import EnvironmentMissingError

if TYPE_CHECKING:
    from wasmctl.doctor import Examination, Finding


def command(output_format: FormatOption = Format.TEXT) -> None:
    """Show what is on this machine, which commands need it, and what to install."""
    from wasmctl import doctor

    seen = doctor.examine()
    if output_format is Format.JSON:
        show_json(dataclasses.asdict(seen))
    else:
        _show(seen)
    for lacking in seen.lacks:
        raise EnvironmentMissingError(lacking.detail, hint=lacking.remedy)


def _show(seen: "Examination") -> None:
    from rich.markup import escape

    out = console()
    for finding in seen.findings:
        needed_by = ", ".join(finding.needed_by) or "(optional)"
        out.print(f"{_mark(finding)}{finding.name:<15}{needed_by:<17}{escape(finding.detail)}")
        if finding.remedy:
            out.print(f"{'':<41}[cyan]->[/] {escape(finding.remedy)}")
    out.print()
    for name, value in seen.surroundings.items():
        out.print(f"{name:<12} {value}", markup=False)


def _mark(finding: "Finding") -> str:
    if finding.is_usable:
        return f"[green]{'ok':<9}[/]"
    return f"[red]{'missing':<9}[/]" if finding.is_essential else f"[yellow]{'absent':<9}[/]"
