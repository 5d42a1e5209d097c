"""Programs are looked for on PATH, then in the packages that bring them."""

import os
from pathlib import Path

import pytest

from wasmctl.build import tools
from wasmctl.errors import EnvironmentMissingError
from wasmctl.languages.base import Command, Tool

_TOOL = Tool(
    name="a-tool",
    title="A Tool",
    version=Command(words=("a-tool", "--version")),
    minimum=(2, 5),
    package="a_tool_package",
    package_command=("bin/a-tool", "lib/cli.js"),
    extra="a-tool",
)


@pytest.fixture
def path_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


@pytest.fixture
def package_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "packages/a_tool_package"
    (folder / "bin").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise AssertionError('found, not imported')")
    monkeypatch.syspath_prepend(str(folder.parent))
    return folder


def _program(path: Path, says: str) -> None:
    path.write_text(f"#!/bin/sh\n{says}\n")
    path.chmod(0o755)


def test_the_program_on_path_comes_first(path_folder: Path, package_folder: Path) -> None:
    _program(path_folder / "a-tool", "echo v2.5.1")
    _program(package_folder / "bin/a-tool", "echo 3.0.0")

    found = tools.locate(_TOOL)

    assert (found.version, found.source) == ("2.5.1", "PATH")
    assert found.command == (str(path_folder / "a-tool"),)


def test_one_too_old_on_path_gives_way_to_the_package(
    path_folder: Path, package_folder: Path
) -> None:
    _program(path_folder / "a-tool", "echo v2.4.9")
    _program(package_folder / "bin/a-tool", "echo 3.0.0")

    found = tools.locate(_TOOL)

    assert (found.version, found.source) == ("3.0.0", "a_tool_package")
    expected = (package_folder / "bin/a-tool", package_folder / "lib/cli.js")
    assert found.command == tuple(map(str, expected))


@pytest.mark.parametrize("says", ["exit 1", "echo no version", "kill -9 $$"])
def test_a_program_that_does_not_say_its_version_is_passed_over(
    path_folder: Path, package_folder: Path, says: str
) -> None:
    _program(path_folder / "a-tool", says)
    _program(package_folder / "bin/a-tool", "echo 3.0.0")

    assert tools.locate(_TOOL).source == "a_tool_package"


def test_warnings_around_the_version_are_passed_over(path_folder: Path) -> None:
    _program(path_folder / "a-tool", "echo warning: 1 thing; echo v10.2.0-rc.1; echo bye")

    assert tools.locate(_TOOL).version == "10.2.0"


def test_none_at_all_is_an_error_with_the_command_that_helps() -> None:
    with pytest.raises(EnvironmentMissingError) as caught:
        tools.locate(_TOOL)

    assert caught.value.message == "A Tool is not installed: version 2.5 or newer is needed"
    assert caught.value.hint == "install it with: pip install 'wasmctl[a-tool]'"


def test_only_old_ones_are_named_with_their_versions(path_folder: Path) -> None:
    _program(path_folder / "a-tool", "echo 2.4.0")

    with pytest.raises(EnvironmentMissingError, match=r"A Tool 2\.4\.0 \(PATH\) is too old"):
        tools.locate(_TOOL)
