"""A scenario file broken at one place: exactly one test fails, on both targets with the same words.

The embedded host runs the whole file, the real Envoy the test that fails.
"""

from dataclasses import replace
from pathlib import Path

from wasmctl.testing import runner, suite
from wasmctl.testing.report import Result
from wasmctl.testing.suite import Suite
from wasmctl.testing.targets.base import Target
from wasmctl.testing.targets.envoy import EnvoyTarget
from wasmctl.testing.targets.harness import HarnessTarget


def opened(path: Path, text: str) -> Suite:
    """Write a scenario file, and open it."""
    path.write_text(text)
    return suite.open_suites([path], None)[0]


def ran(tested: Suite, target: Target) -> list[Result]:
    """Run the tests of a file on a target."""
    return list(runner.run([tested], [target]).results)


def assert_fails(path: Path, text: str, good: str, bad: str, told: str) -> None:
    """Write ``bad`` in the place of ``good``, and see that this alone is told."""
    assert good in text
    whole = opened(path, text.replace(good, bad, 1))
    (failed,) = (one for one in ran(whole, HarnessTarget()) if one.mismatches)
    its_own = tuple(one for one in whole.scenarios if one.name == failed.name)
    (on_envoy,) = ran(replace(whole, scenarios=its_own), EnvoyTarget())
    assert list(map(str, failed.mismatches)) == list(map(str, on_envoy.mismatches))
    assert str(failed.mismatches[0]).startswith(told)
