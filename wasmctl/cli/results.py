"""How results of tests look to people: a line for each as it comes, what is behind a failure."""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from wasmctl.cli.output import console
from wasmctl.testing.report import Outcome, Report, Result

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from wasmctl.testing.suite import Suite
    from wasmctl.testing.targets.base import Target

_COLOURS = {Outcome.PASSED: "green", Outcome.FAILED: "red", Outcome.SKIPPED: "yellow"}


@dataclass
class ResultLines:
    """Prints results below the name of their file.

    Attributes:
        to_stderr: where stdout is for machines.

    """

    to_stderr: bool = False
    file: Path | None = None

    def show(self, result: Result) -> None:
        """Print a result, and what helps to understand it."""
        if result.file != self.file:
            self.file = result.file
            self._line(typer.style(str(result.file), bold=True))
        self._outcome(result)
        for mismatch in result.mismatches:
            self._line(f"      {mismatch.path}")
            self._line(f"          expected  {mismatch.expected}", fg="green")
            self._line(f"          saw       {mismatch.seen}", fg="red")
        for line in (*result.notes, *result.evidence):
            self._line(f"      {line}", dim=True)

    def _outcome(self, result: Result) -> None:
        duration = f"{result.duration_ms:.1f} ms" if result.duration_ms else ""
        outcome = typer.style(f"{result.outcome:<7}", fg=_COLOURS[result.outcome], bold=True)
        self._line(f"  {outcome}  {result.target:<7}  {duration:>9}  {result.name}")

    def summary(self, report: Report, seconds: float) -> None:
        """Print the counts, and which bytes were tested."""
        counts = f"{report.passed} passed, {report.failed} failed, {report.skipped} skipped"
        colour = _COLOURS[Outcome.FAILED if report.failed else Outcome.PASSED]
        self._line("")
        self._line(f"{typer.style(counts, fg=colour, bold=True)} in {seconds:.2f} s")
        for plugin in report.plugins:
            self._line(f"{plugin.path}, ABI {plugin.abi}, {plugin.digest}")

    def _line(self, text: str, *, fg: str | None = None, dim: bool | None = None) -> None:
        typer.secho(text, fg=fg, dim=dim, err=self.to_stderr, color=_colour())


def _colour() -> bool | None:
    """Tell typer to leave out colours where nobody wants them; None: it looks for a terminal."""
    return False if os.environ.get("NO_COLOR") else None


@contextlib.contextmanager
def live_line(total: int) -> Iterator["LiveLine"]:
    """Show on a terminal, below the results, how far the run is; nothing anywhere else."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield LiveLine()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    # Results must not run through the live line; those for a file must go there.
    is_shared = sys.stdout.isatty()
    screen = console(stderr=True)
    with Progress(*columns, console=screen, transient=True, redirect_stdout=is_shared) as shown:
        yield LiveLine(shown, shown.add_task("", total=total))


@dataclass(frozen=True)
class LiveLine:
    """The line that says what is done now, and how much is done."""

    shown: "Progress | None" = None
    task: "TaskID | None" = None

    def stage(self, suite: "Suite", target: "Target") -> None:
        """Say that a target makes itself ready for a file."""
        if self.shown and self.task is not None:
            self.shown.update(self.task, description=f"{target.name}: {suite.path}")

    def advance(self) -> None:
        """Count one result."""
        if self.shown and self.task is not None:
            self.shown.advance(self.task)
