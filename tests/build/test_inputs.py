from pathlib import Path

import pytest

from tests.projects import write
from wasmctl import project
from wasmctl.build import inputs
from wasmctl.languages import LANGUAGES

_LANGUAGE = LANGUAGES["assemblyscript"]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    write(tmp_path / "wasmctl.toml", '[project]\nname = "x"\nlanguage = "assemblyscript"\n')
    write(tmp_path / "assembly/index.ts", "one")
    write(tmp_path / "assembly/deep/er/.hidden.ts", "two")
    return tmp_path


def _read(folder: Path, node: str = "20.0.0") -> inputs.Inputs:
    return inputs.read(project.load(folder), _LANGUAGE, {"node": node})


def test_files_at_any_depth_count(sources: Path) -> None:
    assert _read(sources).count == 3


def test_nothing_changed_means_the_same_hash(sources: Path) -> None:
    assert _read(sources) == _read(sources)


@pytest.mark.parametrize(
    "path", ["assembly/index.ts", "assembly/deep/er/.hidden.ts", "wasmctl.toml", "assembly/new.ts"]
)
def test_a_changed_or_new_input_changes_the_hash(sources: Path, path: str) -> None:
    before = _read(sources)
    with (sources / path).open("a") as file:
        file.write("# more\n")

    assert _read(sources).digest != before.digest


def test_a_renamed_input_changes_the_hash(sources: Path) -> None:
    before = _read(sources)
    (sources / "assembly/index.ts").rename(sources / "assembly/other.ts")

    assert _read(sources).digest != before.digest


def test_another_compiler_changes_the_hash(sources: Path) -> None:
    assert _read(sources, node="20.0.0").digest != _read(sources, node="24.0.0").digest


def test_files_behind_a_linked_folder_count(sources: Path) -> None:
    (sources / "shared").mkdir()
    write(sources / "shared/more.ts", "three")
    (sources / "assembly/linked").symlink_to(sources / "shared")

    assert _read(sources).count == 4


@pytest.mark.parametrize("path", ["node_modules/a/b.js", "dist/x.wasm", ".git/HEAD", "README.md"])
def test_what_is_no_source_does_not_count(sources: Path, path: str) -> None:
    before = _read(sources)
    write(sources / path, "anything")

    assert _read(sources) == before


def test_globs_of_the_project_replace_those_of_the_language(sources: Path) -> None:
    with (sources / "wasmctl.toml").open("a") as file:
        file.write('[build]\ninputs = ["**"]\n')
    for path in ("README.md", "node_modules/a.js", "dist/x.wasm"):
        write(sources / path, "anything")

    assert _read(sources).count == 4
