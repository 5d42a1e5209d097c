"""The built-in upstream, over a real Envoy: what it shows of a request."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from wasmctl.envoy import bootstrap, engines, launch, proxy
from wasmctl.envoy.engines.base import ADMIN
from wasmctl.envoy.proxy import Proxy


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a proxy without plugins."""
    folder: Path = tmp_path_factory.mktemp("echo")
    site = engines.choose("process").site(folder)
    whole = proxy.bootstrap(Proxy(listen=site.listen(proxy.LISTENER), admin=site.listen(ADMIN)))
    (folder / "b.json").write_bytes(bootstrap.encoded(whole))
    with (
        site.started(["-c", site.path(folder / "b.json"), *launch.ARGUMENTS]) as machine,
        launch.reading(machine) as journal,
    ):
        envoy = launch.Envoy(machine, journal, folder)
        envoy.wait_until_ready()
        yield envoy.admin.ports()[proxy.LISTENER]
        envoy.close()


def echoed(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> dict[str, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body=body, headers=headers)
        found: dict[str, Any] = json.loads(connection.getresponse().read())
        return found
    finally:
        connection.close()


def test_a_text_is_shown_as_it_is(port: int) -> None:
    text = 'quotes " backslash \\ newline \n tab \t bell \a ä € 😀'

    assert echoed(port, "POST", "/", text.encode())["body"] == text


def test_what_is_no_text_is_shown_in_base64(port: int) -> None:
    found = echoed(port, "POST", "/", b"h\xff\x00")

    assert found["body_base64"] == "aP8A"
    assert "body" not in found


def test_headers_that_repeat_are_a_list(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest("GET", "/")
    for value in ("1", "2"):
        connection.putheader("x-tag", value)
    connection.endheaders()
    found = json.loads(connection.getresponse().read())
    connection.close()

    assert found["headers"]["x-tag"] == ["1", "2"]


def test_a_header_that_is_no_text_is_shown_as_latin_1(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest("GET", "/")
    connection.putheader("x-raw", b"caf\xe9")
    connection.endheaders()
    found = json.loads(connection.getresponse().read())
    connection.close()

    assert found["headers"]["x-raw"] == "café"


def test_a_large_body_is_shown_whole(port: int) -> None:
    body = b"0123456789" * 300_000

    assert echoed(port, "PUT", "/", body)["body"] == body.decode()
