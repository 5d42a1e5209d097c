from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker_engine import DockerEngine
from wasmctl import containers
from wasmctl.containers import Connection, Plan
from wasmctl.errors import EnvironmentMissingError


@pytest.fixture
def connection(docker: DockerEngine) -> Iterator[Connection]:
    assert docker.endpoint
    with containers.connected() as opened:
        yield opened


def test_an_image_that_is_there_is_described(connection: Connection, envoy_image: str) -> None:
    found = connection.image(envoy_image)

    assert found
    assert found.id.startswith("sha256:")
    assert found.architecture == connection.engine.architecture


def test_an_image_that_is_not_there_is_none(connection: Connection) -> None:
    assert connection.image("wasmctl-test/none:1") is None


def test_a_registry_that_does_not_answer_is_named_with_the_image(connection: Connection) -> None:
    with pytest.raises(EnvironmentMissingError) as caught:
        connection.pull("127.0.0.1:9/envoy:1")

    assert "has no image 127.0.0.1:9/envoy:1 and cannot pull it: " in caught.value.message
    assert caught.value.message.endswith("connect: connection refused")
    assert "docker load" in caught.value.hint


def test_a_folder_of_this_machine_is_seen(connection: Connection, tmp_path: Path) -> None:
    assert connection.sees(tmp_path)


def test_a_folder_that_is_not_there_is_not_seen_and_not_made(
    connection: Connection, tmp_path: Path
) -> None:
    assert not connection.sees(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_containers_are_found_by_their_label(connection: Connection, envoy_image: str) -> None:
    labels = {"wasmctl-test.found": "yes"}
    plan = Plan(image=envoy_image, command=["true"], user="65532:65532", labels=labels)
    created = connection.create(plan)

    found = connection.labelled("wasmctl-test.found=yes")

    created.remove()
    assert [container.id for container in found] == [created.id]
    assert found[0].labels["wasmctl-test.found"] == "yes"
    assert connection.labelled("wasmctl-test.found") == ()


def test_what_the_engine_refuses_is_told_in_its_words(
    connection: Connection, envoy_image: str
) -> None:
    plan = Plan(image=envoy_image, command=["true"], user="0:0", network="wasmctl-test-none")
    container = connection.create(plan)

    with pytest.raises(EnvironmentMissingError, match=r"wasmctl-test-none"):
        container.start()

    container.remove()
