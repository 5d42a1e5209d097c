import sys
from pathlib import Path

import pytest

from wasmctl import doctor


def _finding(name: str) -> doctor.Finding:
    return next(found for found in doctor.examine().findings if found.name == name)


@pytest.mark.parametrize("name", ["Python", "Node.js", "npm", "Go", "wasmtime", "Envoy", "git"])
def test_what_the_tests_need_is_found_with_version_and_place(name: str) -> None:
    found = _finding(name)

    assert found.is_usable
    assert found.detail[0].isdigit()
    assert found.remedy == ""


def test_python_is_the_one_that_runs_us() -> None:
    assert sys.executable in _finding("Python").detail


def test_an_envoy_is_said_to_have_v8() -> None:
    assert ", with V8, at /" in _finding("Envoy").detail


def test_what_commands_need_is_named() -> None:
    needs = {found.name: found.needed_by for found in doctor.examine().findings}

    assert needs["Node.js"] == ("build",)
    assert needs["Envoy"] == ("run", "test --on envoy")
    expected = ("build --engine container", "run --engine container")
    assert needs["Docker Engine"] == expected


def test_what_is_missing_comes_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")

    for name in ("git", "Docker Engine"):
        found = _finding(name)
        assert not found.is_usable
        assert found.remedy != ""


def test_only_what_every_user_needs_is_essential() -> None:
    essential = [found.name for found in doctor.examine().findings if found.is_essential]

    assert essential == ["Python", "wasmtime"]


def test_proxies_are_noted_without_their_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@proxy.example:3128")
    monkeypatch.setenv("no_proxy", "localhost")

    surroundings = doctor.examine().surroundings

    assert surroundings["HTTPS_PROXY"] == "http://…@proxy.example:3128"
    assert surroundings["no_proxy"] == "localhost"


def test_the_cache_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "wasmctl/deep").mkdir(parents=True)
    (tmp_path / "wasmctl/deep/entry").write_bytes(b"x" * 250_000)

    cache = doctor.examine().surroundings["cache"]

    assert cache == f"{tmp_path}/wasmctl (0.2 MB)"
