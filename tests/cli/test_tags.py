import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import wasmctl
from tests.oci.docker_registry import DockerRegistry, running
from tests.oci.samples import write_project


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[DockerRegistry]:
    with running(tmp_path / "registry") as found:
        yield found


_TAGS = ["1.9.0", "latest", "1.10.0", f"sha256-{'0' * 64}.sig"]


def test_tags_are_listed_versions_in_their_order(registry: DockerRegistry, tmp_path: Path) -> None:
    project, repository = write_project(tmp_path / "project"), f"{registry.host}/acme/filter"
    wasmctl("push", "-C", project, *(f"{repository}:{tag}" for tag in _TAGS), "--plain-http")

    listed = wasmctl("tags", repository, "--plain-http")

    assert listed.stdout.splitlines() == ["1.9.0", "1.10.0", "latest"]


def test_a_layouts_tags_are_listed(tmp_path: Path) -> None:
    project, layout = write_project(tmp_path / "project"), f"oci-layout:{tmp_path}/layout"
    wasmctl("push", "-C", project, f"{layout}:2", f"{layout}:1")

    listed = wasmctl("tags", layout, "--format", "json")

    assert json.loads(listed.stdout) == {"repository": layout, "tags": ["1", "2"]}


def test_a_repository_that_is_not_there_exits_10(registry: DockerRegistry) -> None:
    listed = wasmctl("tags", f"{registry.host}/no", "--plain-http")

    assert listed.returncode == 10
    assert "cannot list the tags of no: not found" in listed.stderr


@pytest.mark.parametrize("name", ["127.0.0.1:1/f:1", "f", f"ghcr.io/f@sha256:{'0' * 64}"])
def test_a_name_that_is_no_repositorys_exits_2(name: str) -> None:
    assert wasmctl("tags", name).returncode == 2
