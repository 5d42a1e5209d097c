"""How results of tests look to people: a line for each as it comes, what is behind a failure."""

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import typer

from wasmctl.cli.output import console
from wasmctl.testing.parity import Parity
from wasmctl.testing.report import Outcome, Report, Result, TestedPlugin

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
        self._print(*self._heading(result), *self._lines(result))

    def _heading(self, result: Result) -> Iterator[str]:
        if result.file != self.file:
            self.file = result.file
            yield str(result.file)

    def _lines(self, result: Result) -> Iterator[str]:
        duration = f"{result.duration_ms:.1f} ms" if result.duration_ms else ""
        outcome = self._painted(f"{result.outcome:<7}", _COLOURS[result.outcome])
        yield f"  {outcome}  {result.target:<7}  {duration:>9}  {result.name}"
        for mismatch in result.mismatches:
            yield f"      {mismatch.path}"
            yield self._painted(f"          expected  {mismatch.expected}", "green")
            yield self._painted(f"          saw       {mismatch.seen}", "red")
        for line in (*result.notes, *result.evidence, *result.told_calls):
            yield self._painted(f"      {line}", "bright_black")

    def parity(self, parity: Parity) -> None:
        """Print where two targets saw different things."""
        if not parity.compared:
            return
        alike = parity.compared - parity.parted
        self._print("", f"parity: {alike} of {parity.compared} tests alike")
        for each in parity.differences:
            known = f"  (known: {each.known or 'diverges'})" if each.known is not None else ""
            self._print(f"  {each.file}:{each.line}: {each.test}{known}", f"      {each.edge}")
            self._print(*(f"          {target:<8}  {seen}" for target, seen in each.seen))
        for result in parity.healed:
            place = f"{result.file}:{result.line}: {result.name}"
            self._print(f"  {place}", "      no longer diverges: take diverges away")

    def summary(self, report: Report, seconds: float) -> None:
        """Print the counts, and which bytes were tested."""
        counts = f"{report.passed} passed, {report.failed} failed, {report.skipped} skipped"
        colour = _COLOURS[Outcome.FAILED if report.failed else Outcome.PASSED]
        tested = (_tested(plugin) for plugin in report.plugins)
        stale = (f"obsolete snapshot: {path}" for path in report.obsolete)
        self._print("", f"{self._painted(counts, colour)} in {seconds:.2f} s", *tested, *stale)

    def _print(self, *lines: str) -> None:
        # Not typer.echo: it writes past the live line, which then stays on the screen.
        self._stream.write("".join(f"{line}\n" for line in lines))

    def _painted(self, text: str, colour: str) -> str:
        return typer.style(text, fg=colour) if _has_colours(self._stream) else text

    @property
    def _stream(self) -> TextIO:
        return sys.stderr if self.to_stderr else sys.stdout


def _tested(plugin: TestedPlugin) -> str:
    producers = f", {' '.join(plugin.producers)}" if plugin.producers else ""
    return f"{plugin.path}, ABI {plugin.abi}, {plugin.digest}{producers}"


def list_tests(suites: "Iterable[Suite]") -> None:
    """Print the tests of files, one a line, as a compiler names places."""
    for test in listed(suites):
        tags = f"  [{', '.join(test['tags'])}]" if test["tags"] else ""
        typer.echo(f"{test['file']}:{test['line']}: {test['name']}{tags}")


def listed(suites: "Iterable[Suite]") -> list[dict[str, Any]]:
    """Return the tests of files as plain values."""
    return [
        {
            "file": str(suite.path),
            "line": scenario.line,
            "name": scenario.name,
            "tags": list(scenario.tags),
        }
        for suite in suites
        for scenario in suite.scenarios
    ]


def _has_colours(stream: TextIO) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


@contextlib.contextmanager
def live_line(total: int) -> Iterator["LiveLine"]:
    """Show on a terminal, below the results, how far the run is; nothing anywhere else."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield LiveLine()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    # Where stdout is the same terminal, results go above the live line; else they go their way.
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
