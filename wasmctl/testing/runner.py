"""Running scenarios: every test of every file on every target."""

from collections.abc import Callable, Iterator, Sequence

from wasmctl.testing import snapshots
from wasmctl.testing.play import AS_USUAL, Manner, play_suite
from wasmctl.testing.report import Outcome, Report, Result, TestedPlugin
from wasmctl.testing.suite import Suite
from wasmctl.testing.targets.base import Target


def run(
    suites: Sequence[Suite],
    targets: Sequence[Target],
    *,
    on_stage: Callable[[Suite, Target], None] = lambda _suite, _target: None,
    on_result: Callable[[Result], None] = lambda _result: None,
    fail_fast: bool = False,
    manner: Manner = AS_USUAL,
) -> Report:
    """Run every test of every file on every target; with ``fail_fast``, to the first failure.

    ``on_stage`` is told before a target makes itself ready for a file, ``on_result`` each result.

    Raises EnvironmentMissingError or EnvoyFailedError where a target cannot run at all; what
    breaks in a test is that test's failure.
    """
    played = _played(suites, targets, on_stage, manner)
    return report_of(played, suites, on_result, fail_fast=fail_fast)


def report_of(
    played: Iterator[Result],
    suites: Sequence[Suite],
    on_result: Callable[[Result], None],
    *,
    fail_fast: bool,
) -> Report:
    """Collect results as they come."""
    results: list[Result] = []
    for result in played:
        on_result(result)
        results.append(result)
        if fail_fast and result.outcome is Outcome.FAILED:
            break
    stale = (path for suite in suites for path in snapshots.obsolete(suite.path, suite.snapshots))
    return Report(results=tuple(results), plugins=_plugins(suites), obsolete=tuple(stale))


def _played(
    suites: Sequence[Suite],
    targets: Sequence[Target],
    on_stage: Callable[[Suite, Target], None],
    manner: Manner,
) -> Iterator[Result]:
    for suite in suites:
        for target in targets:
            on_stage(suite, target)
            yield from play_suite(suite, target, manner)


def _plugins(suites: Sequence[Suite]) -> tuple[TestedPlugin, ...]:
    used = {
        used.path: used.plugin
        for suite in suites
        for scenario in suite.scenarios
        for used in scenario.plugins
    }
    return tuple(
        TestedPlugin(
            path=path,
            digest=plugin.digest,
            abi=plugin.abi_version,
            producers=plugin.module.producers,
        )
        for path, plugin in used.items()
    )
