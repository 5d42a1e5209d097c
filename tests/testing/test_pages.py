"""The scenarios in the manual's pages are scenarios: each block of YAML is read as a file."""

import re
from pathlib import Path

import pytest

from wasmctl import project
from wasmctl.testing import (
    consistency,
    expansion,
    neighbours,
    runner,
    scenario,
    source,
    suite,
)
from wasmctl.testing.targets import TARGETS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(
    path
    for path in (
        *DOCS.glob("tutorial/*.md"),
        *DOCS.glob("how-to/*.md"),
        *DOCS.glob("reference/*.md"),
    )
    if "wasmtest" in path.read_text() or "  - name: " in path.read_text()
)
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEAD = "wasmtest: 1\nplugin: {wasm: p.wasm}\ntests:\n"


def scenarios(page: Path) -> list[str]:
    """Return the blocks that are scenario files, or tests of one."""
    blocks = BLOCK.findall(page.read_text())
    whole = [block for block in blocks if "wasmtest: 1\n" in block]
    parts = [HEAD + block for block in blocks if block.startswith("  - name: ")]
    return [*whole, *parts]


def mistakes(text: str, folder: Path) -> list[str]:
    path = folder / "a.wasmtest.yaml"
    around = neighbours.of(path, None)
    document = expansion.expand(source.read(text.encode(), path), around)
    _, errors = scenario.validate(document.value, around)
    wrongs = consistency.check(document.value)
    return [
        *(mistake.message for mistake in document.mistakes),
        *(f"{error['loc']}: {error['msg']}" for error in errors),
        *(f"{wrong.at}: {wrong.message}" for wrong in wrongs),
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_scenario_of_a_page_can_be_run(page: Path, tmp_path: Path) -> None:
    for name in ("in.data", "out.data", "config.txt", "body.json"):
        (tmp_path / name).write_text("{}")

    found = [mistakes(text, tmp_path) for text in scenarios(page)]

    assert [each for each in found if each] == []


def test_there_are_pages_with_scenarios() -> None:
    names = {page.stem for page in PAGES if scenarios(page)}

    assert names >= {"first-tests", "test-callouts", "test-time", "test-traps", "test-budgets"}


@pytest.mark.parametrize("target", ["harness", "envoy"])
def test_the_tests_of_the_tutorial_pass_as_they_are_written(
    project_copy: Path, target: str
) -> None:
    page = DOCS / "tutorial" / "first-tests.md"
    path = project_copy / "tests" / "mine.wasmtest.yaml"
    path.write_text("".join(BLOCK.findall(page.read_text())))
    suites = suite.open_suites([path], project.load(project_copy))

    results = runner.run(suites, [TARGETS[target]()]).results

    assert len(results) == 8
    assert [each.messages for each in results] == [()] * 8
