"""Every template as its users get it: made, built, tested on both targets."""

from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import pytest

from wasmctl import project, scaffold
from wasmctl.testing import runner, suite
from wasmctl.testing.targets.base import Target
from wasmctl.testing.targets.envoy import EnvoyTarget
from wasmctl.testing.targets.harness import HarnessTarget

Built = Callable[[scaffold.Template], Path]

_TEMPLATES = scaffold.templates()
_EACH = pytest.mark.parametrize(
    "template", _TEMPLATES, ids=lambda template: f"{template.language}-{template.name}"
)


@_EACH
def test_the_scenarios_of_a_new_project_pass_on_both_targets(
    template: scaffold.Template, built: Built
) -> None:
    made = project.load(built(template))
    targets: list[Target] = [HarnessTarget(), EnvoyTarget(patience=60)]

    report = runner.run(suite.open_suites(_scenarios(made.root), made), targets)

    assert [result for result in report.results if result.messages] == []
    assert report.passed == len(report.results) > 0


@_EACH
def test_a_readme_names_only_files_that_are_there(
    template: scaffold.Template, built: Built
) -> None:
    folder = built(template)
    _, _, table = (
        (folder / "README.md").read_text().partition("| Path | What is there |\n|---|---|")
    )

    named = [path for row in table.splitlines() for path in row.split("|")[1:2]]
    paths = [path.strip() for cell in named for path in cell.replace("`", "").split(",")]

    assert paths
    assert [path for path in paths if not (folder / path).exists()] == []


@pytest.mark.parametrize("name", sorted({template.name for template in _TEMPLATES}))
def test_a_template_does_the_same_in_every_language(name: str, tmp_path: Path) -> None:
    """What it asks, its configuration and its scenarios are one and the same."""
    of_name = [template for template in _TEMPLATES if template.name == name]

    promises = [_promises(template, tmp_path / template.language) for template in of_name]

    assert len(list(groupby(promises))) == 1


def _promises(template: scaffold.Template, folder: Path) -> dict[str, object]:
    scaffold.create(folder, template, {"name": "demo"})
    kept = (path for part in ("config", "tests") for path in sorted((folder / part).rglob("*")))
    files = {path.relative_to(folder).as_posix(): path.read_text() for path in kept}
    return {"variables": dict(template.variables), **files}


def _scenarios(folder: Path) -> list[Path]:
    return sorted((folder / "tests").rglob("*.wasmtest.yaml"))
