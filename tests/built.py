"""The projects of templates, built for real."""

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docker_engine import common
from tests.machines import Machine
from wasmctl import build, files, project, scaffold
from wasmctl.build.engines.base import Order
from wasmctl.build.engines.local import LocalEngine
from wasmctl.languages import LANGUAGES
from wasmctl.project import ProjectTable

Built = Callable[[scaffold.Template], Path]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Built:
    """What makes a template's project, built for real, once for all workers. Change nothing in it.

    With the tools of this machine; where it has none, in a container. Its name is ``demo``.
    """

    def made(template: scaffold.Template) -> Path:
        if not _is_buildable_here(template.language):
            in_container: Built = request.getfixturevalue("built_in_container")
            return in_container(template)
        return _built(common(tmp_path_factory), template)

    return made


@pytest.fixture(scope="session")
def built_in_container(
    tmp_path_factory: pytest.TempPathFactory, with_docker_alone: Machine
) -> Built:
    """The same as ``built``, by the commands of somebody who has Docker and nothing else."""

    def made(template: scaffold.Template) -> Path:
        folder = common(tmp_path_factory) / f"{template.language}-{template.name}-container"
        return with_docker_alone.project(folder, template)

    return made


def _built(shared: Path, template: scaffold.Template) -> Path:
    folder = shared / f"{template.language}-{template.name}-local"
    with files.locked(folder.with_suffix(".lock")):
        if not folder.exists():
            scaffold.create(folder, template, {"name": "demo"})
        build.build(project.load(folder), engine="local")
    return folder


@functools.cache
def _is_buildable_here(language: str) -> bool:
    table = ProjectTable.model_validate({"name": "any", "language": language})
    anything = project.Project(root=Path(), file=project.ProjectFile(project=table))
    order = Order(project=anything, language=LANGUAGES[language], show=print)
    return LocalEngine().obstacle(order) is None
