"""What people see: errors, tables, sizes. stdout carries results, stderr everything else."""

import json
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from wasmctl.errors import WasmctlError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from wasmctl.oci.consumers import Verdict
    from wasmctl.profiles import Finding

# By the level of a finding.
_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


def show_error(error: WasmctlError) -> None:
    """Print cause, evidence and remedy of a failure on stderr."""
    colour = False if os.environ.get("NO_COLOR") else None  # None: only on a terminal
    typer.secho("error: ", fg="red", bold=True, err=True, nl=False, color=colour)
    typer.echo(error.message, err=True)
    for line in error.details:
        typer.echo(f"       {line}", err=True)
    typer.secho("hint:  ", fg="cyan", err=True, nl=False, color=colour)
    typer.echo(error.hint, err=True)


def note(text: str) -> None:
    """Print a line of progress on stderr."""
    typer.echo(text, err=True)


def show_json(result: object) -> None:
    """Print a result as JSON on stdout."""
    typer.echo(json.dumps(result, indent=2))


def console(*, stderr: bool = False) -> "Console":
    """Return a rich console; colours follow the terminal, NO_COLOR and FORCE_COLOR."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def bytes_size(size: int) -> str:
    """Return a size for people: ``27.3 kB``."""
    amount = float(size)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:  # noqa: PLR2004 - decimal units
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def show_verdicts(verdicts: "Iterable[Verdict]") -> None:
    """Print who loads an image and who refuses it, one a line."""
    out = console()
    for verdict in verdicts:
        word = "[green]accepts[/]" if verdict.accepts else "[red]refuses[/]"
        out.print(f"{verdict.title:<27}{word}  ", markup=True, end="")
        out.print(verdict.reason, markup=False)


def show_findings(findings: "Iterable[Finding]", *, stderr: bool = False) -> None:
    """Print what was found about a module, each with where it holds and what to do.

    On a terminal, long lines stay in their column; elsewhere, each is one line to search for.
    """
    out = console(stderr=stderr)
    for finding in findings:
        hosts = f" ({', '.join(finding.hosts)})" if finding.hosts else ""
        level = f"{finding.level:<9}", _COLOURS[finding.level]
        for first, line in (
            (level, f"{finding.rule}: {finding.message}{hosts}"),
            ((" " * 9, ""), f"-> {finding.hint}"),
        ):
            out.print(_line(first, line, is_folded=out.is_terminal))


def _line(first: tuple[str, str], rest: str, *, is_folded: bool) -> "Table | Text":
    from rich.table import Table
    from rich.text import Text

    if not is_folded:
        return Text.assemble(first, rest)
    grid = Table.grid()
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text(*first), Text(rest))
    return grid


def verdict_fields(verdict: "Verdict") -> dict[str, object]:
    """Return a verdict as it stands in JSON."""
    return {
        "consumer": verdict.consumer,
        "title": verdict.title,
        "accepts": verdict.accepts,
        "reason": verdict.reason,
    }
