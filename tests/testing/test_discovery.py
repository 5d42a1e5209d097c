from pathlib import Path

import pytest

from wasmctl.errors import FilesError
from wasmctl.testing import discovery


def made(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(root: Path, *paths: str) -> list[str]:
    files = discovery.find([root / path for path in paths])
    return [str(file.relative_to(root)) for file in files]


def test_a_folder_gives_the_scenario_files_below_it_by_name(tmp_path: Path) -> None:
    made(tmp_path, "b.wasmtest.yaml", "a/c.wasmtest.yml", "a.yaml", "a.wasmtest.yaml.orig")

    assert found(tmp_path, ".") == ["a/c.wasmtest.yml", "b.wasmtest.yaml"]


def test_other_peoples_folders_are_not_searched(tmp_path: Path) -> None:
    made(tmp_path, "node_modules/a.wasmtest.yaml", ".x/a.wasmtest.yaml", "target/a.wasmtest.yaml")

    assert found(tmp_path, ".") == []


def test_a_file_that_is_named_is_taken_whatever_its_name(tmp_path: Path) -> None:
    made(tmp_path, "odd.txt")

    assert found(tmp_path, "odd.txt") == ["odd.txt"]


def test_a_file_that_is_named_twice_is_taken_once(tmp_path: Path) -> None:
    made(tmp_path, "a.wasmtest.yaml")

    assert found(tmp_path, "a.wasmtest.yaml", ".") == ["a.wasmtest.yaml"]


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FilesError, match=r"cannot read .*none\.yaml: No such file or directory"):
        found(tmp_path, "none.yaml")
