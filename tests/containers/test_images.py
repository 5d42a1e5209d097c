from collections.abc import Iterator

import pytest

from tests.docker_engine import DockerEngine
from wasmctl import containers
from wasmctl.containers import Connection

_LABEL = "wasmctl-test.image"
_NAME = "wasmctl-test/built:1"


@pytest.fixture
def connection(docker: DockerEngine) -> Iterator[Connection]:
    assert docker.endpoint
    with containers.connected() as opened:
        yield opened
        opened.images.remove(_NAME)


def _build(connection: Connection, dockerfile: str, lines: list[str]) -> str | None:
    return connection.images.build(
        dockerfile.encode(),
        name=_NAME,
        labels={_LABEL: "yes"},
        network="none",
        arguments={"HTTP_PROXY": "http://127.0.0.1:9"},
        on_line=lines.append,
    )


def test_an_image_is_built_in_view_and_found_by_its_label(
    connection: Connection, debian_image: str
) -> None:
    lines: list[str] = []

    failed = _build(connection, f"FROM {debian_image}\nRUN echo $HTTP_PROXY\n", lines)

    (found,) = connection.images.labelled(_LABEL)
    assert failed is None
    assert any("http://127.0.0.1:9" in line for line in lines)
    assert (found.name, found.labels[_LABEL]) == (_NAME, "yes")
    assert found.size > 0


def test_a_step_that_fails_is_told(connection: Connection, debian_image: str) -> None:
    failed = _build(connection, f"FROM {debian_image}\nRUN exit 7\n", [])

    assert failed
    assert "returned a non-zero code: 7" in failed
    assert connection.images.labelled(_LABEL) == ()
