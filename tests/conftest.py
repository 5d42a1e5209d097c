"""What tests of several packages share."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import projects
from wasmctl import scaffold

pytest_plugins = (
    "tests.docker_engine",
    "tests.envoy_image",
    "tests.builder_image",
    "tests.machines",
    "tests.built",
    "tests.language_tools",
    "tests.workbench",
)


@pytest.fixture(scope="session")
def built_project(built: Callable[[scaffold.Template], Path]) -> Path:
    """The project that ``init`` makes by default, built for real. Change nothing in it."""
    return built(scaffold.find(None, None))


@pytest.fixture
def project_copy(built_project: Path, tmp_path: Path) -> Path:
    """A copy of the built project to change at will, but for its installed packages."""
    copy = tmp_path / "demo"
    shutil.copytree(built_project, copy, ignore=shutil.ignore_patterns("node_modules"))
    (copy / "node_modules").symlink_to(built_project / "node_modules")
    return copy


@pytest.fixture
def tiny_project(built_project: Path, tmp_path: Path) -> Path:
    """A project, not yet built, of the smallest plugin there is: quick to compile."""
    return projects.tiny(tmp_path / "tiny", built_project)
