"""Registries that want what is not theirs: credentials, patience, the user's files."""

import base64
import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.oci.samples import HTTP
from tests.oci.scripted_server import Answer, ScriptedServer, serving
from wasmctl import oci
from wasmctl.errors import ImageRefusedError, RegistryError
from wasmctl.oci.authentication import Authenticator
from wasmctl.oci.credentials import Credentials
from wasmctl.oci.digests import digest_of
from wasmctl.oci.image import Image
from wasmctl.oci.manifest import Descriptor
from wasmctl.oci.patience import Patience
from wasmctl.oci.reference import ImageRef
from wasmctl.oci.registry import Registry
from wasmctl.oci.stream import whole

_ALICE = Credentials(username="alice", password="secret", source="a file")
_SECRET = base64.b64encode(b"alice:secret").decode()
_BLOB = Descriptor(media_type="text/plain", digest=digest_of(b"blob"), size=4)
_BASIC = Answer(status=401, headers={"WWW-Authenticate": 'Basic realm="Registry Realm"'})
_NO_ANSWER = Answer(status=0)


@dataclass(kw_only=True)
class _Clock:
    """A clock that moves when somebody sleeps."""

    slept: list[float] = field(default_factory=list)

    def patience(self) -> Patience:
        return Patience(now=lambda: sum(self.slept), sleep=self.slept.append)


@contextlib.contextmanager
def _client(server: ScriptedServer, clock: _Clock | None = None) -> Iterator[Registry]:
    registry = Registry(
        ImageRef(registry=server.host, repository="f", tag="1"),
        lambda _line: None,
        access=HTTP,
        patience=(clock or _Clock()).patience(),
        look_up=lambda _registry, _repository: _ALICE,
    )
    with contextlib.closing(registry):
        yield registry


def _bearer(realm: str, scope: str = "repository:f:pull") -> Answer:
    header = f'Bearer realm="{realm}",service="s",scope="{scope}"'
    return Answer(status=401, headers={"WWW-Authenticate": header})


def _sent(server: ScriptedServer) -> list[str | None]:
    """Return what each request said of who asks."""
    return [headers.get("Authorization") for headers in server.headers]


def test_a_registry_that_is_never_satisfied_is_asked_twice() -> None:
    with (
        serving(_BASIC, _BASIC) as server,
        _client(server) as registry,
        pytest.raises(RegistryError, match="refused to deliver f:1 as user 'alice'"),
    ):
        registry.manifest("1")

    assert _sent(server) == [None, f"Basic {_SECRET}"]


def test_a_registry_that_takes_no_token_is_asked_twice() -> None:
    token = Answer(status=200, body=b'{"token": "t"}')
    with serving(token) as tokens:
        challenge = _bearer(f"http://{tokens.host}/token")
        with (
            serving(challenge, challenge) as server,
            _client(server) as registry,
            pytest.raises(RegistryError, match="refused to deliver f:1 as user 'alice'"),
        ):
            registry.manifest("1")

    assert _sent(server) == [None, "Bearer t"]
    assert tokens.requests == ["GET /token?service=s&scope=repository%3Af%3Apull"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"token": 1}', b'{"token": "a\\nb"}'])
def test_a_token_that_is_none_is_refused(body: bytes) -> None:
    with serving(Answer(status=200, body=body)) as tokens:
        challenge = _bearer(f"http://{tokens.host}/token")
        with (
            serving(challenge) as server,
            _client(server) as registry,
            pytest.raises(RegistryError, match="gave no token"),
        ):
            registry.manifest("1")


def test_a_token_server_that_leads_elsewhere_is_not_followed() -> None:
    with serving() as foreign:
        away = Answer(status=302, headers={"Location": f"http://{foreign.host}/"})
        with serving(away) as tokens:
            challenge = _bearer(f"http://{tokens.host}/token")
            with (
                serving(challenge) as server,
                _client(server) as registry,
                pytest.raises(RegistryError, match=r"refused us as user 'alice' .*302"),
            ):
                registry.manifest("1")

    assert foreign.requests == []


@pytest.mark.parametrize("realm", ["Registry Realm", "", "file:///etc/passwd", "http://["])
def test_a_token_server_that_is_no_url_is_refused(realm: str) -> None:
    with (
        serving(_bearer(realm)) as server,
        _client(server) as registry,
        pytest.raises(RegistryError, match="names a token server that is no URL"),
    ):
        registry.manifest("1")


def test_no_password_goes_to_a_token_server_in_the_clear() -> None:
    asked: list[str] = []

    def fetch(
        _method: str, url: str, _headers: Mapping[str, str], _data: bytes | None
    ) -> tuple[int, bytes]:
        asked.append(url)
        return 200, b'{"token": "t"}'

    authenticator = Authenticator("ghcr.io", "https://ghcr.io", lambda: _ALICE, fetch)

    with pytest.raises(RegistryError, match="which speaks plain HTTP"):
        authenticator.answers("https://ghcr.io/v2/", 'Bearer realm="http://ghcr.io/token"')

    assert asked == []


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/v2/",
        "http://ghcr.io/v2/",
        "https://ghcr.io:8443/v2/",
        "https://ghcr.io.evil.example/v2/",
        "https://ghcr.io@evil.example/v2/",
        "https://ghcr.io:x/",
    ],
)
def test_who_we_are_is_told_to_the_registry_alone(url: str) -> None:
    authenticator = Authenticator("ghcr.io", "https://ghcr.io", lambda: _ALICE, _no_token_server)
    assert authenticator.answers("https://ghcr.io/v2/", "Basic realm=r")

    assert authenticator.headers("https://ghcr.io:443/v2/") == {"Authorization": f"Basic {_SECRET}"}
    assert authenticator.headers(url) == {}
    assert not authenticator.answers(url, "Basic realm=r")


def _no_token_server(
    _method: str, url: str, _headers: Mapping[str, str], _data: bytes | None
) -> tuple[int, bytes]:
    raise AssertionError(url)


def test_an_upload_to_a_foreign_host_goes_without_credentials(image: Image) -> None:
    with serving(Answer(status=201), Answer(status=201)) as foreign:
        away = Answer(status=202, headers={"Location": f"http://{foreign.host}/up"})
        there, stored = Answer(status=404), Answer(status=201)
        answers = [_BASIC, there, away, there, away, stored]
        with serving(*answers) as server, _client(server) as registry:
            registry.push(image, "1")

    assert [request.partition("?")[0] for request in foreign.requests] == ["PUT /up"] * 2
    assert _sent(foreign) == [None, None]
    assert _sent(server)[1:] == [f"Basic {_SECRET}"] * 5


def test_a_blob_at_a_foreign_host_is_fetched_without_credentials() -> None:
    with serving(Answer(status=200, body=b"blob")) as foreign:
        away = Answer(status=307, headers={"Location": f"http://{foreign.host}/blob"})
        with serving(_BASIC, away) as server, _client(server) as registry:
            assert registry.read(_BLOB, whole) == b"blob"

    assert _sent(server) == [None, f"Basic {_SECRET}"]
    assert _sent(foreign) == [None]


def test_a_foreign_host_that_asks_who_is_there_is_not_told() -> None:
    with serving(_BASIC) as foreign:
        away = Answer(status=307, headers={"Location": f"http://{foreign.host}/blob"})
        with (
            serving(_BASIC, away) as server,
            _client(server) as registry,
            pytest.raises(RegistryError, match="refused to deliver sha256:"),
        ):
            registry.read(_BLOB, whole)

    assert _sent(foreign) == [None]


def test_a_registry_that_asks_for_patience_gets_some() -> None:
    busy, clock = Answer(status=429, headers={"Retry-After": "3"}), _Clock()

    with (
        serving(busy, Answer(status=200, body=b"blob")) as server,
        _client(server, clock) as registry,
    ):
        assert registry.read(_BLOB, whole) == b"blob"

    assert clock.slept == [3]


def test_a_registry_that_asks_for_an_hour_gets_none() -> None:
    busy, clock = Answer(status=429, headers={"Retry-After": "3600"}), _Clock()

    with (
        serving(busy) as server,
        _client(server, clock) as registry,
        pytest.raises(RegistryError, match="429") as caught,
    ):
        registry.read(_BLOB, whole)

    assert clock.slept == []
    assert "wait some minutes" in caught.value.hint


def test_an_upload_begins_anew_after_a_registry_died_and_came_back(image: Image) -> None:
    absent, stored = Answer(status=404), Answer(status=201)
    begun = Answer(status=202, headers={"Location": "/up"})
    died = [absent, begun, _NO_ANSWER, _NO_ANSWER, absent, begun, stored]

    with serving(*died, absent, begun, stored, stored) as server, _client(server) as registry:
        registry.push(image, "1")

    assert [request.partition(" ")[0] for request in server.requests] == [
        *("HEAD", "POST", "PUT", "HEAD"),
        *("HEAD", "POST", "PUT"),
        *("HEAD", "POST", "PUT"),
        "PUT",
    ]


def test_a_manifest_that_changes_between_push_and_reading_is_noticed(image: Image) -> None:
    there, stored = Answer(status=200), Answer(status=201)
    other = Answer(status=200, body=b'{"schemaVersion": 2, "layers": []}')

    with serving(there, there, stored, other) as server:
        target = ImageRef(registry=server.host, repository="f", tag="latest")
        with pytest.raises(ImageRefusedError, match="names another image than the one just pushed"):
            oci.push(image, target, access=HTTP)


def test_an_endless_list_of_tags_ends() -> None:
    page = Answer(
        status=200, body=b'{"tags": ["a"]}', headers={"Link": '</v2/f/tags/list?n=1>; rel="next"'}
    )

    with (
        serving(*[page] * 1000) as server,
        _client(server) as registry,
        pytest.raises(RegistryError, match="lists tags without an end"),
    ):
        registry.tags()


def test_tags_come_page_by_page() -> None:
    first = Answer(
        status=200, body=b'{"tags": ["a"]}', headers={"Link": '</v2/f/tags/list?n=1>; rel="next"'}
    )
    last = Answer(status=200, body=b'{"tags": null}')

    with serving(first, last) as server, _client(server) as registry:
        assert registry.tags() == ["a"]

    assert server.requests == ["GET /v2/f/tags/list", "GET /v2/f/tags/list?n=1"]


@pytest.mark.parametrize("body", [b"[", b"[]", b'{"tags": {}}', b'{"tags": [1]}'])
def test_a_list_of_tags_that_is_none_is_refused(body: bytes) -> None:
    with (
        serving(Answer(status=200, body=body)) as server,
        _client(server) as registry,
        pytest.raises(RegistryError, match="lists its tags in no way that can be read"),
    ):
        registry.tags()


def test_credentials_do_not_show_themselves(tmp_path: Path) -> None:
    shown = f"{_ALICE} {_ALICE!r} {tmp_path}"

    assert "alice" in shown
    assert "secret" not in shown
    assert _SECRET not in shown
