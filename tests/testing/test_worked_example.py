"""The example of the manual, with a plugin in a real language, as written, on both targets."""

import shutil
from pathlib import Path

import pytest

from tests.testing.breaking import assert_fails, opened, ran
from wasmctl import build, project
from wasmctl.testing.report import Outcome
from wasmctl.testing.targets.envoy import EnvoyTarget
from wasmctl.testing.targets.harness import HarnessTarget

EXAMPLE = Path(__file__).parent / "worked_example"
NAME = "token-gate.wasmtest.yaml"
SCENARIOS = (EXAMPLE / NAME).read_text()


@pytest.fixture(scope="module")
def example(built_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example's plugin, built with the packages of another project."""
    folder = tmp_path_factory.mktemp("example")
    made = folder / "gate"
    shutil.copytree(built_project, made, ignore=shutil.ignore_patterns("node_modules"))
    (made / "node_modules").symlink_to(built_project / "node_modules")
    for name in ("index.ts", "plugin.ts"):
        shutil.copyfile(EXAMPLE / name, made / "assembly" / name)
    loaded = project.load(made)
    build.build(loaded)
    (folder / "build").mkdir()
    shutil.copyfile(loaded.output, folder / "build" / "gate.wasm")
    return folder


# What stands above, what is written in its place, and how the two targets tell of it.
BROKEN = [
    ("path: /v1/check, timeout", "path: /v2, timeout", 'callouts[0].path: expected "/v2"'),
    ("x-user: ada, auth", "x-user: bob, auth", 'upstream.headers.x-user: expected "bob", saw "ada'),
    ("delta: 1", "delta: 2", "metrics.gate.allowed: expected 2, saw 1"),
    ("Bearer nope, status: 401", "Bearer nope, status: 403", "client.status: expected 403, saw 4"),
    ("auth: {fail: timeout}", "auth: {reply: 200}", "client.status: expected 503, saw 200"),
    (
        "auth: {fail: timeout}",
        "auth: {rules: [{when: {path: /}}]}",
        "callouts: expected a rule",
    ),
    ('body: "******"', 'body: "*****"', 'upstream.body: expected "*****", saw "******"'),
    ("search: authz", "search: cache", "logs[0]: expected a line (level error, a text in which is"),
    (
        "request: /boom, expect: {trap: true",
        "request: /boom, expect: {trap: false",
        "steps[0].trap",
    ),
    ("request: /fine", "request: /boom", "steps[2].client.status: expected 200, saw 503"),
]


def test_the_example_passes_as_written_on_both_targets(example: Path) -> None:
    tested = opened(example / NAME, SCENARIOS)

    results = [*ran(tested, HarnessTarget()), *ran(tested, EnvoyTarget())]

    assert [(one.target, one.name, one.mismatches) for one in results if one.mismatches] == []
    skipped = [one.name for one in results if one.outcome is Outcome.SKIPPED]
    assert skipped == ["two callers wait for one slow answer, cache expires"]


def test_each_expectation_broken_fails_its_test_on_both_with_the_same_words(example: Path) -> None:
    for good, bad, told in BROKEN:
        assert_fails(example / NAME, SCENARIOS, good, bad, told)
