from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker_engine import DockerEngine
from tests.projects import tiny_go
from wasmctl import containers, project
from wasmctl.build.engines import surroundings
from wasmctl.build.engines.base import Order
from wasmctl.containers import Connection
from wasmctl.languages import LANGUAGES


@pytest.fixture
def connection(docker: DockerEngine) -> Iterator[Connection]:
    assert docker.endpoint
    with containers.connected() as opened:
        yield opened


def _order(folder: Path, text: str = "") -> Order:
    tiny_go(folder)
    with (folder / "wasmctl.toml").open("a") as file:
        file.write(text)
    return Order(project=project.load(folder), language=LANGUAGES["go"], show=print)


@pytest.mark.parametrize("address", ["http://127.0.0.1:3128", "localhost:3128", "http://[::1]:1"])
def test_a_proxy_on_this_machine_is_reached_through_its_own_network(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("https_proxy", address)

    assert surroundings.network(connection, _order(tmp_path)) == "host"


def test_the_project_names_the_network(connection: Connection, tmp_path: Path) -> None:
    order = _order(tmp_path, '[build.container]\nnetwork = "mine"\n')

    assert surroundings.network(connection, order) == "mine"
