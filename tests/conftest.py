"""What tests of several packages share."""

import os
import shutil
from pathlib import Path

import pytest

from tests import projects
from wasmctl import build, files, project, scaffold

pytest_plugins = ("tests.docker_engine", "tests.envoy_image")


@pytest.fixture(scope="session")
def built_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project that ``init`` makes, built for real, once for all workers. Change nothing in it.

    Its name is ``demo``.
    """
    root = tmp_path_factory.getbasetemp()
    shared = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    folder = shared / "demo"
    with files.locked(shared / "demo.lock"):
        if not folder.exists():
            template = scaffold.find("assemblyscript", None)
            scaffold.create(folder, template, {"name": "demo"})
        build.build(project.load(folder))
    return folder


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
