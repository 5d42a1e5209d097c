"""Scenarios of a project, run as its user runs them."""

from pathlib import Path

from wasmctl import project
from wasmctl.testing import runner, suite
from wasmctl.testing.report import Outcome, Report
from wasmctl.testing.targets.base import Target
from wasmctl.testing.targets.envoy import EnvoyTarget
from wasmctl.testing.targets.harness import HarnessTarget


def on_both_targets(folder: Path) -> Report:
    """Run all scenarios of a built project, on the embedded host and in a real Envoy."""
    made = project.load(folder)
    targets: list[Target] = [HarnessTarget(), EnvoyTarget(patience=60)]
    paths = sorted((folder / "tests").rglob("*.wasmtest.yaml"))
    return runner.run(suite.open_suites(paths, made), targets)


def not_passed(report: Report) -> list[tuple[str, ...]]:
    """Name what did not pass, but for what a scenario itself keeps from a target."""
    return [
        (result.name, result.target, *result.messages)
        for result in report.results
        if result.outcome is Outcome.FAILED
    ]
