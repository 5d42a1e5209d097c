"""Every template as its users get it: made, built, tested on both targets, run."""

import contextlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # no types come with it

from tests.built import Built
from tests.cli.runs import Running, running
from wasmctl import scaffold
from wasmctl.host import Host
from wasmctl.languages import LANGUAGES
from wasmctl.messages import Message

_TEMPLATES = scaffold.templates()
_EACH = pytest.mark.parametrize(
    "template", _TEMPLATES, ids=lambda template: f"{template.language}-{template.name}"
)
_EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
_EACH_NAME = pytest.mark.parametrize("name", sorted({template.name for template in _TEMPLATES}))


@_EACH_LANGUAGE
def test_each_language_has_the_same_templates(language: str) -> None:
    names = {template.name for template in _TEMPLATES if template.language == language}

    assert names == {template.name for template in _TEMPLATES}


@_EACH
def test_a_readme_names_only_files_that_are_there(
    template: scaffold.Template, built: Built
) -> None:
    folder = built(template)
    _, _, table = (
        (folder / "README.md").read_text().partition("| Path | What is there |\n|---|---|")
    )

    named = [path for row in table.splitlines() for path in row.split("|")[1:2]]
    paths = [path.strip() for cell in named for path in cell.replace("`", "").split(",")]

    assert paths
    assert [path for path in paths if not (folder / path).exists()] == []


@_EACH_NAME
def test_a_template_does_the_same_in_every_language(name: str, tmp_path: Path) -> None:
    """What it asks, its configuration and its scenarios are one and the same."""
    of_name = [template for template in _TEMPLATES if template.name == name]

    promises = [_promises(template, tmp_path / template.language) for template in of_name]

    assert len(list(groupby(promises))) == 1


# The configuration of the other one is no JSON.
@pytest.mark.parametrize("name", sorted({each.name for each in _TEMPLATES} - {"minimal"}))
def test_a_schema_accepts_what_a_plugin_accepts(name: str, tmp_path: Path) -> None:
    scaffold.create(tmp_path / "new", scaffold.find(None, name), {"name": "demo"})
    schema = json.loads((tmp_path / "new/config/schema.json").read_text())
    default = json.loads((tmp_path / "new/config/default.json").read_text())

    judged = [(default, False), *_configurations(tmp_path / "new")]

    refuses = [not Draft202012Validator(schema).is_valid(each) for each, _ in judged]
    assert refuses == [is_refused for _, is_refused in judged]
    assert {False, True} == set(refuses)


def _configurations(folder: Path) -> list[tuple[dict[str, Any], bool]]:
    """Return the configurations in a project's scenarios, and whether they are refused."""
    (path,) = (folder / "tests").glob("*.wasmtest.yaml")
    tests = yaml.safe_load(path.read_text())["tests"]
    with_cases = [(test, {**test, **case}) for test in tests for case in test.get("cases", [{}])]
    return [
        (case["config"], test.get("expect", {}).get("configured") is False)
        for test, case in with_cases
        if isinstance(case.get("config"), dict)
    ]


def _promises(template: scaffold.Template, folder: Path) -> dict[str, object]:
    scaffold.create(folder, template, {"name": "demo"})
    kept = (path for part in ("config", "tests") for path in sorted((folder / part).rglob("*")))
    files = {path.relative_to(folder).as_posix(): path.read_text() for path in kept}
    return {"variables": dict(template.variables), **files}


_ORDERS = Message(
    headers=(
        (b":method", b"GET"),
        (b":scheme", b"http"),
        (b":authority", b"shop.example"),
        (b":path", b"/orders"),
    )
)
_LIMIT = '{"requests": 10, "window_seconds": 60}'


@_EACH_LANGUAGE
def test_a_real_client_is_limited_whatever_its_connections(
    language: str, built: Built, tmp_path: Path
) -> None:
    folder = built(scaffold.find(language, "http-ratelimit"))
    config = f"--plugin-config={(folder / 'config/default.json').read_text()}"

    with (
        running(tmp_path, folder / "dist/demo.wasm", "--root-id=demo", config) as started,
        contextlib.ExitStack() as closing,
    ):
        clients = [closing.enter_context(_connected(started)) for _client in range(11)]
        ports = {client.sock.getsockname()[1] for client in clients}
        answers = [*_asked(clients[:10]), *_asked(clients[10:])]

    assert len(ports) == 11
    assert [answer.status for answer in answers] == [200] * 10 + [429]
    assert answers[-1].headers["retry-after"] == "1"


@contextlib.contextmanager
def _connected(started: Running) -> Iterator[HTTPConnection]:
    with contextlib.closing(HTTPConnection(str(urlsplit(started.url).netloc))) as client:
        client.connect()
        yield client


def _asked(clients: list[HTTPConnection]) -> list[HTTPResponse]:
    """Send a request over each connection, all of them before the first answer is read."""
    for client in clients:
        client.request("GET", "/orders")
    return [client.getresponse() for client in clients]


def test_two_workers_share_a_limit(built: Built, tmp_path: Path) -> None:
    module = built(scaffold.find("assemblyscript", "http-ratelimit")) / "dist/demo.wasm"
    options = ("--root-id=demo", f"--plugin-config={_LIMIT}", "--concurrency=2")

    with running(tmp_path, module, *options) as started, ThreadPoolExecutor(8) as clients:
        asked = [clients.submit(started.get, "/orders") for _client in range(60)]
        statuses = [answer.result()[0].status for answer in asked]

    # Where both workers meet an address for the first time at once, one of the two is not counted.
    assert statuses.count(200) in {10, 11}
    assert set(statuses) == {200, 429}


@_EACH_LANGUAGE
def test_an_address_of_ipv6_is_limited_whatever_its_port(language: str, built: Built) -> None:
    module = built(scaffold.find(language, "http-ratelimit")) / "dist/demo.wasm"
    host = Host.start(module.read_bytes(), root_id="demo", configuration=b'{"requests": 1}')

    answers = [
        host.http(_ORDERS, source=source).client
        for source in ("[2001:db8::1]:1", "[2001:db8::1]:2", "[2001:db8::2]:1")
    ]

    assert [answer and answer.status for answer in answers] == [200, 429, 200]
