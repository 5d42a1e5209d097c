"""Every template where there is little: ``init``, ``build`` and ``test``, by the commands."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.built import Built
from tests.command import run
from tests.machines import Machine, progress
from wasmctl import scaffold

_TEMPLATES = scaffold.templates()


def _name(template: scaffold.Template) -> str:
    return f"{template.language}-{template.name}"


@pytest.mark.parametrize("template", _TEMPLATES, ids=_name)
def test_docker_alone_is_enough_in_a_container(
    template: scaffold.Template, built_in_container: Built, with_docker_alone: Machine
) -> None:
    folder = built_in_container(template)

    finished = _tested(folder, with_docker_alone)

    first, *rest = progress(folder)
    assert re.match("engine: container (.+), since .+ is not installed", first)
    assert [line for line in rest if "warn" in line.lower()] == []
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert _targets(finished) == {"harness", "envoy"}


# No package of Python brings Rust.
@pytest.mark.parametrize(
    "template", [each for each in _TEMPLATES if each.language != "rust"], ids=_name
)
def test_python_alone_is_enough(
    template: scaffold.Template, with_python_alone: Machine, tmp_path: Path
) -> None:
    folder = with_python_alone.project(tmp_path / "demo", template)

    finished = _tested(folder, with_python_alone)

    first, *rest = progress(folder)
    assert re.match("engine: local (.+), since the tools are on this machine", first)
    assert [line for line in rest if "warn" in line.lower()] == []
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert _targets(finished) == {"harness", "envoy"}


def _tested(folder: Path, machine: Machine) -> "subprocess.CompletedProcess[str]":
    words = ("test", "-C", folder, "--on", "harness,envoy", "--format", "json")
    return run([*machine.wasmctl, *words], environment=machine.environment)


def _targets(finished: "subprocess.CompletedProcess[str]") -> set[str]:
    return {result["target"] for result in json.loads(finished.stdout)["results"]}
