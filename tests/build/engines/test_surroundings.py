from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker_engine import DockerEngine
from tests.projects import tiny_go
from wasmctl import containers, project
from wasmctl.build.engines import surroundings
from wasmctl.build.engines.base import Order
from wasmctl.containers import Connection
from wasmctl.errors import FilesError
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


def test_certificates_of_the_project_come_beside_the_system_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "system.pem").write_text("the system's")
    (tmp_path / "ca.pem").write_text("ours")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "system.pem"))

    named = surroundings.certificates(
        _order(tmp_path / "one", '[network]\nca_file = "../ca.pem"\n')
    )
    unnamed = surroundings.certificates(_order(tmp_path / "two"))

    assert named == b"ours\nthe system's"
    assert unnamed == b"the system's"


def test_tools_are_told_nothing_where_nobody_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)

    assert surroundings.certificates(_order(tmp_path)) == b""


def test_certificates_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(FilesError, match=r"none\.pem: No such file"):
        surroundings.certificates(_order(tmp_path, '[network]\nca_file = "none.pem"\n'))
