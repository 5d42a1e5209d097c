import os
from pathlib import Path

import pytest

from wasmctl import project
from wasmctl.project import Project
from wasmctl.testing import freshness

BUILT = 1_700_000_000


@pytest.fixture
def built(tmp_path: Path) -> Project:
    """A project whose files all have the time of its module."""
    text = '[project]\nname = "gate"\nlanguage = "assemblyscript"\n'
    put(tmp_path / "wasmctl.toml", text, BUILT)
    put(tmp_path / "assembly/index.ts", "", BUILT)
    put(tmp_path / "tests/a.wasmtest.yaml", "", BUILT)
    put(tmp_path / "dist/gate.wasm", "", BUILT)
    return project.load(tmp_path)


def put(path: Path, text: str, time: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (time, time))


def test_a_module_is_fresh_while_no_source_is_newer(built: Project) -> None:
    assert freshness.newer_source(built) is None


@pytest.mark.parametrize("name", ["assembly/index.ts", "assembly/deep/new.ts", "wasmctl.toml"])
def test_a_newer_source_is_told(built: Project, name: str) -> None:
    path = built.root / name
    put(path, path.read_text() if path.exists() else "", BUILT + 10)

    assert freshness.newer_source(built) == path


def test_a_newer_scenario_makes_no_module_old(built: Project) -> None:
    put(built.root / "tests/a.wasmtest.yaml", "", BUILT + 10)

    assert freshness.newer_source(built) is None


def test_the_project_can_name_its_sources(built: Project) -> None:
    text = (built.root / "wasmctl.toml").read_text() + '[build]\ninputs = ["*.wat"]\n'
    put(built.root / "wasmctl.toml", text, BUILT)
    put(built.root / "assembly/index.ts", "", BUILT + 10)
    put(built.root / "plugin.wat", "", BUILT + 20)

    assert freshness.newer_source(project.load(built.root)) == built.root / "plugin.wat"
