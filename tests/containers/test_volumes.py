from collections.abc import Iterator

import pytest

from tests.docker_engine import DockerEngine
from wasmctl import containers
from wasmctl.containers import Connection, Plan

_LABEL = "wasmctl-test.volume"
_NAME = "wasmctl-test-volume"


@pytest.fixture
def connection(docker: DockerEngine) -> Iterator[Connection]:
    assert docker.endpoint
    with containers.connected() as opened:
        yield opened
        opened.volumes.remove(_NAME)


def test_a_volume_is_made_once_and_found_by_its_label(connection: Connection) -> None:
    first = connection.volumes.ensure(_NAME, {_LABEL: "yes"})
    second = connection.volumes.ensure(_NAME, {_LABEL: "other"})

    (found,) = connection.volumes.labelled(_LABEL)
    assert first == second
    assert (found.name, found.labels, found.size) == (_NAME, {_LABEL: "yes"}, 0)


def test_a_volume_that_a_container_has_stays(connection: Connection, debian_image: str) -> None:
    connection.volumes.ensure(_NAME, {_LABEL: "yes"})
    plan = Plan(image=debian_image, command=["true"], user="0:0", volumes={"/kept": _NAME})
    container = connection.create(plan)

    refused = connection.volumes.remove(_NAME)
    container.remove()

    assert not refused
    assert connection.volumes.remove(_NAME)
    assert connection.volumes.labelled(_LABEL) == ()


def test_one_that_is_gone_can_be_removed(connection: Connection) -> None:
    assert connection.volumes.remove("wasmctl-test-none")
