import subprocess
import sys
from pathlib import Path

import pytest

from wasmctl.envoy import locate
from wasmctl.errors import EnvironmentMissingError, FilesError


def _program(folder: Path, content: bytes) -> Path:
    program = folder / "envoy"
    program.write_bytes(content)
    program.chmod(0o755)
    return program


def test_an_installed_envoy_is_found() -> None:
    found = locate.locate()

    assert locate.has_v8(found)
    assert found.is_file()


def test_an_envoy_says_its_release() -> None:
    found = locate.version(locate.locate())

    assert found
    assert all(part.isdigit() for part in found.split("."))


def test_the_envoy_on_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "envoy").symlink_to(locate.locate())
    monkeypatch.setenv("PATH", str(tmp_path))

    found = locate.locate()

    assert found == tmp_path / "envoy"


def test_a_script_on_the_path_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = _program(tmp_path, b"#!/bin/sh\nexit 1\n")
    monkeypatch.setenv("PATH", str(tmp_path))

    found = locate.installed()

    assert found
    assert script not in found


def test_an_envoy_without_v8_on_the_path_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = _program(tmp_path, b"\x7fELF and no engine")
    monkeypatch.setenv("PATH", str(tmp_path))

    found = locate.locate()

    assert found != without
    assert without in locate.installed()


@pytest.mark.parametrize("content", [b"\x7fELF and no engine", b""])
def test_a_named_envoy_without_v8_is_refused_and_named(tmp_path: Path, content: bytes) -> None:
    without = _program(tmp_path, content)

    with pytest.raises(EnvironmentMissingError, match="without V8") as caught:
        locate.locate(without)

    assert str(without) in caught.value.message
    assert "wasmctl[envoy]" in caught.value.hint


def test_a_named_envoy_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FilesError, match="No such file"):
        locate.locate(tmp_path / "envoy")


def test_a_machine_without_envoy_is_told_what_to_install(tmp_path: Path) -> None:
    # In a process of its own: the package is hidden there before anything imports it.
    program = (
        "import sys; sys.modules['envoy'] = None\n"
        "from wasmctl.envoy import locate\n"
        "from wasmctl.errors import EnvironmentMissingError\n"
        "try: locate.locate()\n"
        "except EnvironmentMissingError as error: print(error.message, error.hint, sep='; ')\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": str(tmp_path), "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "no Envoy on this machine; pip install 'wasmctl[envoy]'\n"
