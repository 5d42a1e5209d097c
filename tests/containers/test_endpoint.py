"""How an engine is found and what is said of one that does not answer.

The peers here answer as Docker's API reference says, or as something else would.
"""

import json
import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.command import run
from tests.docker_engine import DockerEngine
from wasmctl import containers
from wasmctl.errors import EnvironmentMissingError

_VERSION = {"Version": "28.2.2", "ApiVersion": "1.50", "MinAPIVersion": "1.24"}


@contextmanager
def _peer(socket: Path, status: int, body: bytes) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Stay quiet: the address of a local socket has no host to log."""

    with socketserver.UnixStreamServer(str(socket), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    socket = tmp_path / "docker.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{socket}")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return socket


def test_a_real_engine_is_described(
    docker_engine: DockerEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in docker_engine.environment.items():
        monkeypatch.setenv(name, value)

    found = containers.engine()

    form = "{{.Server.Version}} {{.Server.APIVersion}}"
    said = run(["docker", "version", "--format", form], environment=docker_engine.environment)
    assert [found.version, found.api_version] == said.stdout.split()
    assert found.endpoint == docker_engine.endpoint


def test_an_engine_that_answers_is_described(endpoint: Path) -> None:
    with _peer(endpoint, 200, json.dumps(_VERSION).encode()):
        found = containers.engine()

    assert (found.version, found.api_version) == ("28.2.2", "1.50")
    assert found.endpoint == f"unix://{endpoint}"


def test_an_engine_that_is_too_old_is_named_with_what_it_speaks(endpoint: Path) -> None:
    old = {"Version": "19.03.15", "ApiVersion": "1.40", "MinAPIVersion": "1.12"}

    with (
        _peer(endpoint, 200, json.dumps(old).encode()),
        pytest.raises(
            EnvironmentMissingError, match=r"too old: 19.03.15 speaks API 1.40"
        ) as caught,
    ):
        containers.engine()

    assert f"unix://{endpoint}" in caught.value.message
    assert "20.10" in caught.value.hint


def test_an_engine_that_forgot_the_oldest_api_is_asked_in_its_own_oldest(endpoint: Path) -> None:
    new = {"Version": "29.0.0", "ApiVersion": "1.52", "MinAPIVersion": "1.44"}

    with _peer(endpoint, 200, json.dumps(new).encode()):
        assert containers.engine().asked_version == "1.44"


def test_a_proxy_for_the_network_is_not_asked(
    endpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with _peer(endpoint, 200, json.dumps(_VERSION).encode()):
        assert containers.engine().version == "28.2.2"


def test_the_context_is_followed_where_docker_host_is_not_set(
    endpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOCKER_HOST")
    (tmp_path / "config.json").write_text('{"currentContext": "mine"}')
    digest = "3fd30542fe3f61b14bd4a4b2dc0b6fb30fa6f63ebce52dd1778aaa8c4dc02cff"
    meta = tmp_path / "contexts/meta" / digest / "meta.json"
    meta.parent.mkdir(parents=True)
    docker = {"Host": f"unix://{endpoint}", "SkipTLSVerify": False}
    meta.write_text(json.dumps({"Name": "mine", "Metadata": {}, "Endpoints": {"docker": docker}}))

    with _peer(endpoint, 200, json.dumps(_VERSION).encode()):
        assert containers.engine().version == "28.2.2"


def test_no_engine_at_the_endpoint_is_said_with_what_to_start(endpoint: Path) -> None:
    with pytest.raises(EnvironmentMissingError) as caught:
        containers.engine()

    assert caught.value.message.endswith(f"{endpoint}: No such file or directory")
    assert caught.value.hint.startswith("start Docker Engine")


def test_a_dead_socket_is_refused(endpoint: Path) -> None:
    with _peer(endpoint, 200, b""):
        pass

    with pytest.raises(EnvironmentMissingError, match="Connection refused"):
        containers.engine()


_AS_NOBODY = """
import os
from wasmctl import containers
from wasmctl.errors import EnvironmentMissingError
if os.geteuid() == 0:
    os.seteuid(65534)
try:
    containers.engine()
except EnvironmentMissingError as error:
    print(error.message, error.hint, sep="\\n")
"""


def test_a_socket_of_somebody_else_is_named_with_the_group_to_join(endpoint: Path) -> None:
    with _peer(endpoint, 200, b""):
        endpoint.chmod(0)
        finished = run([sys.executable, "-c", _AS_NOBODY])

    message, hint = finished.stdout.splitlines()
    assert message.endswith(f"{endpoint}: Permission denied")
    assert "the group `docker`" in hint


@pytest.mark.parametrize(
    ("status", "body"), [(404, b"no"), (200, b"<html>"), (200, b"{}"), (500, b"{}")]
)
def test_what_is_no_engine_is_not_taken_for_one(endpoint: Path, status: int, body: bytes) -> None:
    with (
        _peer(endpoint, status, body),
        pytest.raises(EnvironmentMissingError, match="no Docker Engine answers at"),
    ):
        containers.engine()


@pytest.mark.parametrize(
    "address", ["ssh://nobody@127.0.0.1:9", "nonsense://x", "tcp://127.0.0.1:9"]
)
def test_an_endpoint_that_cannot_be_used_is_an_expected_failure(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("DOCKER_HOST", address)

    with pytest.raises(EnvironmentMissingError, match="no Docker Engine answers at"):
        containers.engine()
