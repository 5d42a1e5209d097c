"""Scenarios: one file tests a plugin on the embedded host and on a real Envoy."""

from collections.abc import Callable, Sequence

from wasmctl.testing.play import play_suite
from wasmctl.testing.report import Report, Result, TestedPlugin
from wasmctl.testing.suite import Suite
from wasmctl.testing.targets.base import Target


def run(
    suites: Sequence[Suite],
    targets: Sequence[Target],
    *,
    on_stage: Callable[[Suite, Target], None] = lambda _suite, _target: None,
    on_result: Callable[[Result], None] = lambda _result: None,
) -> Report:
    """Run every test of every file on every target.

    ``on_stage`` is told before a target makes itself ready for a file, ``on_result`` each result.

    Raises EnvironmentMissingError or EnvoyFailedError where a target cannot run at all; what
    breaks in a test is that test's failure.
    """
    results: list[Result] = []
    for suite in suites:
        for target in targets:
            on_stage(suite, target)
            for result in play_suite(suite, target):
                on_result(result)
                results.append(result)
    return Report(results=tuple(results), plugins=_plugins(suites))


def _plugins(suites: Sequence[Suite]) -> tuple[TestedPlugin, ...]:
    used = {
        scenario.plugin.path: scenario.plugin.plugin
        for suite in suites
        for scenario in suite.scenarios
    }
    return tuple(
        TestedPlugin(path=path, digest=plugin.digest, abi=plugin.abi_version)
        for path, plugin in used.items()
    )
