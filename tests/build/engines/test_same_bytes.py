"""Containers and the tools of this machine: where the tools are the same, so are the bytes."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import projects
from tests.builder_image import tools_of
from tests.docker_engine import DockerEngine
from wasmctl import build, project, scaffold
from wasmctl.build.record import Record
from wasmctl.languages import LANGUAGES
from wasmctl.testing import runner, suite
from wasmctl.testing.targets.harness import HarnessTarget

Built = Callable[[scaffold.Template], Path]


def test_assemblyscript_is_the_same_whatever_runs_its_compiler(
    built: Built, built_in_container: Built
) -> None:
    template = scaffold.find("assemblyscript", "http-headers")

    here, there = (folder(template) / "dist/demo.wasm" for folder in (built, built_in_container))

    assert here.read_bytes() == there.read_bytes()


def test_go_is_the_same_with_the_same_tools_optimized_or_not(
    docker: DockerEngine, debian_image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The image's Go and wasm-opt are on PATH, and see this machine's own folders."""
    assert docker.endpoint
    assert debian_image
    folder, other = projects.tiny_go(tmp_path / "one"), projects.tiny_go(tmp_path / "another Ω")
    in_container = _plain_and_optimized(folder, "container")
    assert in_container[0].image
    tools_of(tmp_path / "bin", in_container[0].image["digest"], tmp_path, "go", "wasm-opt")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    for name in ("HOME", "GOCACHE", "GOMODCACHE"):
        monkeypatch.setenv(name, f"{tmp_path}/{name}")

    locally = _plain_and_optimized(other, "local")

    assert [made.tools for made in locally] == [made.tools for made in in_container]
    assert [made.digest for made in locally] == [made.digest for made in in_container]
    assert locally[1].optimized_from == locally[0].size > locally[1].size


def _plain_and_optimized(folder: Path, engine: str) -> list[Record]:
    plain = build.build(project.load(folder), engine=engine).record
    with (folder / "wasmctl.toml").open("a") as file:
        file.write('[build]\noptimize = "z"\n')
    return [plain, build.build(project.load(folder), engine=engine).record]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_optimized_plugin_is_smaller_and_does_the_same(
    docker: DockerEngine, built_in_container: Built, tmp_path: Path, language: str
) -> None:
    assert docker.endpoint
    copy = tmp_path / "demo"
    shutil.copytree(built_in_container(scaffold.find(language, "http-headers")), copy)
    with (copy / "wasmctl.toml").open("a") as file:
        file.write('[build]\noptimize = "z"\n')

    made = build.build(project.load(copy), engine="container")

    loaded = project.load(copy)
    scenarios = sorted((copy / "tests").glob("*.wasmtest.yaml"))
    report = runner.run(suite.open_suites(scenarios, loaded), [HarnessTarget()])
    assert made.record.optimized_from
    assert made.record.size < made.record.optimized_from
    assert "wasm-opt" in made.record.tools
    assert "wasm-opt -Oz" in made.record.commands[1]
    assert report.passed == len(report.results) > 0
