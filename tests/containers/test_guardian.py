import os
from pathlib import Path

import pytest

from tests.docker_engine import DockerEngine
from tests.envoy.engines.holding import containers_in
from wasmctl import containers
from wasmctl.containers import Plan, labels
from wasmctl.containers.guardian import guarding

# Another worker may use the same engine.
_ONE, _OTHER = f"one-{os.getpid()}", f"other-{os.getpid()}"


def _create(image: str, run: str) -> str:
    plan = Plan(image=image, command=["true"], user="65532:65532", labels=labels.of_us(run))
    with containers.connected() as connection:
        return connection.create(plan).id


def test_what_is_left_at_the_end_is_removed(
    docker: DockerEngine, envoy_image: str, tmp_path: Path
) -> None:
    folder = tmp_path / "sockets"
    folder.mkdir()

    with guarding(_ONE, folder):
        _create(envoy_image, _ONE)

    assert containers_in(docker, envoy_image) == []
    assert not folder.exists()


def test_what_belongs_to_another_run_is_left(docker: DockerEngine, envoy_image: str) -> None:
    other = _create(envoy_image, _OTHER)

    with guarding(_ONE):
        _create(envoy_image, _ONE)

    left = containers_in(docker, envoy_image)
    with guarding(_OTHER):
        pass
    assert left == [other]
    assert containers_in(docker, envoy_image) == []


def test_a_dismissed_one_removes_nothing(
    docker: DockerEngine, envoy_image: str, tmp_path: Path
) -> None:
    with guarding(_ONE, tmp_path) as guardian:
        created = _create(envoy_image, _ONE)
        guardian.dismiss()

    left = containers_in(docker, envoy_image)
    with guarding(_ONE):
        pass
    assert left == [created]
    assert tmp_path.exists()


def test_without_an_engine_the_folder_goes_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    folder = tmp_path / "sockets"
    folder.mkdir()

    with guarding(_ONE, folder):
        pass

    assert not folder.exists()
