"""What came of a run: a result for each test on each target, and the plugins that were tested."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from wasmctl.abi.types import AbiVersion
from wasmctl.testing import calls
from wasmctl.testing.mismatch import Mismatch
from wasmctl.testing.observation import Observation


class Outcome(StrEnum):
    """How a test ended; skipped is what could not be judged on that target."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class Result:
    """One test on one target.

    Attributes:
        file: the scenario file; ``line`` is where the test begins in it.
        mismatches: what was not as expected.
        notes: what else is to say: why it was skipped, what was not seen here, what broke.
        evidence: what helps to understand a failure: the plugin's log, the trap's frames.
        timeline: the calls between host and plugin, for people; empty where nobody asked.
        observation: all that was seen; None where the test did not run to its end.
        diverges: why targets see different things of this test, where the scenario says so.

    """

    name: str
    file: Path
    line: int
    target: str
    outcome: Outcome
    mismatches: tuple[Mismatch, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    timeline: tuple[str, ...] = ()
    duration_ms: float = 0.0
    observation: Observation | None = None
    diverges: str | None = None

    @property
    def told_calls(self) -> tuple[str, ...]:
        """The timeline below a heading, for reports that are one text."""
        if not self.timeline:
            return ()
        return ("calls between host and plugin:", *(f"  {line}" for line in self.timeline))

    @property
    def messages(self) -> tuple[str, ...]:
        """Mismatches and notes, each in one line."""
        return (*map(str, self.mismatches), *self.notes)


@dataclass(frozen=True, kw_only=True)
class TestedPlugin:
    """A module under test, by the digest that names its bytes."""

    __test__ = False  # pytest collects classes by this name otherwise
    path: Path
    digest: str
    abi: AbiVersion
    producers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Report:
    """All results of a run, in the order in which they came.

    Attributes:
        obsolete: snapshots that no test names.

    """

    results: tuple[Result, ...]
    plugins: tuple[TestedPlugin, ...]
    obsolete: tuple[Path, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """Return how many results ended so."""
        return sum(result.outcome is outcome for result in self.results)

    @property
    def passed(self) -> int:
        """How many passed."""
        return self.count(Outcome.PASSED)

    @property
    def failed(self) -> int:
        """How many failed."""
        return self.count(Outcome.FAILED)

    @property
    def skipped(self) -> int:
        """How many were skipped."""
        return self.count(Outcome.SKIPPED)


def as_json(report: Report) -> dict[str, Any]:
    """Return a report as plain values for JSON; the names of the keys are a promise."""
    return {
        "passed": report.passed,
        "failed": report.failed,
        "skipped": report.skipped,
        "plugins": [
            {
                "path": str(plugin.path),
                "digest": plugin.digest,
                "abi": plugin.abi,
                "producers": list(plugin.producers),
            }
            for plugin in report.plugins
        ],
        "obsolete_snapshots": list(map(str, report.obsolete)),
        "results": [_result(result) for result in report.results],
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "name": result.name,
        "file": str(result.file),
        "line": result.line,
        "target": result.target,
        "outcome": result.outcome,
        "messages": list(result.messages),
        "mismatches": [
            {"path": each.path, "expected": each.expected, "seen": each.seen}
            for each in result.mismatches
        ],
        "notes": list(result.notes),
        "evidence": list(result.evidence),
        "timeline": list(result.timeline),
        "calls": _calls(result),
        "duration_ms": round(result.duration_ms, 3),
    }


def _calls(result: Result) -> list[dict[str, Any]]:
    if not result.timeline or result.observation is None:
        return []
    return calls.as_json(result.observation)


def by_suite(results: Sequence[Result]) -> dict[tuple[Path, str], list[Result]]:
    """Group results by file and target, in their order."""
    groups: dict[tuple[Path, str], list[Result]] = {}
    for result in results:
        groups.setdefault((result.file, result.target), []).append(result)
    return groups
