"""Real registries that ask who is there."""

import base64
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oci import certificates, docker_registry
from tests.oci.docker_registry import DockerRegistry
from tests.oci.samples import HTTP, plugin_bytes
from tests.oci.token_server import IDENTITY, TokenServer
from wasmctl import oci
from wasmctl.errors import EnvironmentMissingError, FilesError, RegistryError
from wasmctl.oci.access import Access
from wasmctl.oci.image import Image
from wasmctl.oci.reference import parse

_SECRET = base64.b64encode(b"alice:secret").decode()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without credentials; the user's own stay out of the tests."""
    for name in ("DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def _write(path: Path, document: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))


def _log_in(home: Path, host: str, **entry: str) -> None:
    _write(home / ".docker/config.json", {"auths": {host: entry or {"auth": _SECRET}}})


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    """A registry that wants alice's password."""
    folder = tmp_path_factory.mktemp("guarded")
    with docker_registry.running(folder, auth=docker_registry.with_password(folder)) as registry:
        yield registry


@contextlib.contextmanager
def _with_tokens(folder: Path) -> Iterator[tuple[DockerRegistry, TokenServer]]:
    with TokenServer(folder / "tokens").serving() as server:
        auth = docker_registry.with_tokens(server)
        with docker_registry.running(folder / "registry", auth=auth) as registry:
            yield registry, server


@pytest.fixture
def with_tokens(tmp_path: Path) -> Iterator[tuple[DockerRegistry, TokenServer]]:
    """A registry that wants a token server's tokens."""
    with _with_tokens(tmp_path) as found:
        yield found


def _round_trip(image: Image, host: str, access: Access = HTTP) -> bytes:
    reference = parse(f"{host}/acme/filter:1")
    oci.push(image, reference, access=access)
    return oci.pull(reference, access=access).content


def test_a_password_opens_the_registry(guarded: DockerRegistry, image: Image, home: Path) -> None:
    _log_in(home, guarded.host)

    assert _round_trip(image, guarded.host) == plugin_bytes()


def test_without_credentials_the_remedy_is_a_login(guarded: DockerRegistry, image: Image) -> None:
    with pytest.raises(RegistryError, match=r"without credentials .401") as caught:
        _round_trip(image, guarded.host)

    assert f"wasmctl login {guarded.host}" in caught.value.hint
    assert caught.value.exit_code == 10


def test_a_wrong_password_names_user_and_file_but_never_the_password(
    guarded: DockerRegistry, image: Image, home: Path
) -> None:
    _log_in(home, guarded.host, username="alice", password="wrong-password")

    with pytest.raises(RegistryError, match=r"as user 'alice' .from .*config.json") as caught:
        _round_trip(image, guarded.host)

    assert "wrong-password" not in str(caught.value)
    assert f"wasmctl login {guarded.host}" in caught.value.hint
    assert caught.value.exit_code == 10


def test_tokens_are_fetched_for_what_is_done(
    with_tokens: tuple[DockerRegistry, TokenServer], image: Image, home: Path
) -> None:
    registry, server = with_tokens
    _log_in(home, registry.host)

    assert _round_trip(image, registry.host) == plugin_bytes()
    assert server.scopes == [
        "repository:acme/filter:pull",
        "repository:acme/filter:pull,push",
        "repository:acme/filter:pull",
    ]


def test_an_identity_token_is_exchanged(
    with_tokens: tuple[DockerRegistry, TokenServer], image: Image, home: Path
) -> None:
    registry, _ = with_tokens
    auth = base64.b64encode(b"00000000-0000-0000-0000-000000000000:").decode()
    _log_in(home, registry.host, auth=auth, identitytoken=IDENTITY)

    assert _round_trip(image, registry.host) == plugin_bytes()


def test_a_registry_token_is_sent_as_it_is(
    with_tokens: tuple[DockerRegistry, TokenServer], image: Image, home: Path
) -> None:
    registry, server = with_tokens
    token = server.token(["repository:acme/filter:pull,push"], is_known=True)
    _log_in(home, registry.host, registrytoken=token)

    assert _round_trip(image, registry.host) == plugin_bytes()
    assert server.scopes == []


def test_strangers_may_pull_but_not_push(
    with_tokens: tuple[DockerRegistry, TokenServer], image: Image, home: Path
) -> None:
    registry, _ = with_tokens
    _log_in(home, registry.host)
    _round_trip(image, registry.host)
    (home / ".docker/config.json").unlink()

    pulled = oci.pull(parse(f"{registry.host}/acme/filter:1"), access=HTTP)
    with pytest.raises(RegistryError, match=r"without credentials .401"):
        oci.push(image, parse(f"{registry.host}/acme/other:1"), access=HTTP)

    assert pulled.content == plugin_bytes()


@pytest.mark.parametrize(
    "entry",
    [
        {"username": "alice", "password": "wrong"},
        {"username": "alice", "identitytoken": "wrong"},
    ],
)
def test_what_the_token_server_refuses_is_told_at_once(
    with_tokens: tuple[DockerRegistry, TokenServer],
    image: Image,
    home: Path,
    entry: dict[str, str],
) -> None:
    registry, _ = with_tokens
    _log_in(home, registry.host, **entry)

    with pytest.raises(
        RegistryError, match=r"token server .* refused us as user 'alice' .*401"
    ) as caught:
        _round_trip(image, registry.host)

    assert f"wasmctl login {registry.host}" in caught.value.hint
    assert caught.value.exit_code == 10


@pytest.mark.parametrize(
    ("variable", "value", "file"),
    [
        ("DOCKER_CONFIG", "own", "own/config.json"),
        ("REGISTRY_AUTH_FILE", "auth.json", "auth.json"),
        ("XDG_RUNTIME_DIR", "run", "run/containers/auth.json"),
        ("XDG_CONFIG_HOME", "configs", "configs/containers/auth.json"),
        ("HOME", "home", "home/.config/containers/auth.json"),
    ],
)
def test_every_place_of_credentials_is_looked_at(
    guarded: DockerRegistry,
    image: Image,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    file: str,
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / value))
    _write(tmp_path / file, {"auths": {f"http://{guarded.host}/v2/": {"auth": _SECRET}}})

    assert _round_trip(image, guarded.host) == plugin_bytes()


def _helper(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "docker-credential-test"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/sbin:/usr/bin:/bin")


_ANSWER = """echo '{"ServerURL": "x", "Username": "%s", "Secret": "%s"}'"""


@pytest.mark.parametrize("kind", ["credsStore", "credHelpers"])
def test_a_helper_is_asked(
    guarded: DockerRegistry,
    image: Image,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    asked = tmp_path / "asked"
    _helper(tmp_path, monkeypatch, f"echo $1 $(cat) >> {asked}; {_ANSWER % ('alice', 'secret')}")
    named = "test" if kind == "credsStore" else {guarded.host: "test"}
    _write(home / ".docker/config.json", {kind: named, "auths": {guarded.host: {}}})

    assert _round_trip(image, guarded.host) == plugin_bytes()
    assert set(asked.read_text().splitlines()) == {f"get {guarded.host}"}


def test_a_helper_may_give_an_identity_token(
    with_tokens: tuple[DockerRegistry, TokenServer],
    image: Image,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _helper(tmp_path, monkeypatch, _ANSWER % ("<token>", IDENTITY))
    _write(home / ".docker/config.json", {"credsStore": "test"})

    assert _round_trip(image, with_tokens[0].host) == plugin_bytes()


def test_a_helper_that_is_missing_is_named_with_its_file(
    guarded: DockerRegistry, image: Image, home: Path
) -> None:
    _write(home / ".docker/config.json", {"credsStore": "not-there"})

    with pytest.raises(
        EnvironmentMissingError, match=r"docker-credential-not-there, which .*config\.json names"
    ) as caught:
        _round_trip(image, guarded.host)

    assert "install it, or remove it from that file" in caught.value.hint
    assert caught.value.exit_code == 4


def test_a_helper_that_is_missing_is_not_missed_where_no_login_is_wanted(
    shared_registry: DockerRegistry, image: Image, home: Path
) -> None:
    _write(home / ".docker/config.json", {"credsStore": "not-there"})

    assert _round_trip(image, shared_registry.host) == plugin_bytes()


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo 'credentials not found in native keychain'; exit 1", "without credentials"),
        ("echo locked; exit 1", "docker-credential-test get failed: locked"),
        ("echo secret", "gave an answer that is none"),
        ("echo '[]'", "gave an answer that is none"),
    ],
)
def test_a_helper_that_fails_is_told_without_its_secrets(
    guarded: DockerRegistry,
    image: Image,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    told: str,
) -> None:
    _helper(tmp_path, monkeypatch, script)
    _write(home / ".docker/config.json", {"credsStore": "test"})

    with pytest.raises(RegistryError, match=told) as caught:
        _round_trip(image, guarded.host)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", '{"auths": {"HOST": {"auth": "%"}}}'])
def test_a_damaged_file_is_named(
    guarded: DockerRegistry, image: Image, home: Path, text: str
) -> None:
    (home / ".docker").mkdir(parents=True)
    (home / ".docker/config.json").write_text(text.replace("HOST", guarded.host))

    with pytest.raises(FilesError, match=r"config\.json is no file of credentials"):
        _round_trip(image, guarded.host)


@pytest.fixture(scope="module")
def own_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A registry with TLS by an authority of its own: its host, and the authority's file."""
    folder = tmp_path_factory.mktemp("tls")
    signer = certificates.authority(folder)
    certificate = certificates.server(folder, signer)
    with docker_registry.running(folder / "registry", certificate=certificate) as registry:
        yield registry.host, signer.file


def test_a_certificate_of_an_own_authority_is_trusted_if_asked(
    own_authority: tuple[str, Path], image: Image
) -> None:
    host, file = own_authority

    assert _round_trip(image, host, Access(ca_file=file)) == plugin_bytes()


def test_a_certificate_of_an_unknown_authority_is_refused(
    own_authority: tuple[str, Path], image: Image
) -> None:
    with pytest.raises(RegistryError, match="no secure connection") as caught:
        _round_trip(image, own_authority[0], Access())

    assert "--ca-file" in caught.value.hint
    assert caught.value.exit_code == 10


def test_a_certificate_of_another_authority_is_refused(
    own_authority: tuple[str, Path], image: Image, tmp_path: Path
) -> None:
    other = certificates.authority(tmp_path, "other")

    with pytest.raises(RegistryError, match="no secure connection") as caught:
        _round_trip(image, own_authority[0], Access(ca_file=other.file))

    assert "--ca-file" in caught.value.hint
    assert caught.value.exit_code == 10


def test_any_certificate_is_taken_if_asked(own_authority: tuple[str, Path], image: Image) -> None:
    assert _round_trip(image, own_authority[0], Access(insecure=True)) == plugin_bytes()


@pytest.mark.parametrize("content", [b"", b"no certificate", b"\xff\x00"])
def test_a_file_without_certificates_is_refused(
    own_authority: tuple[str, Path], image: Image, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "ca.pem").write_bytes(content)

    with pytest.raises(FilesError, match="holds no certificate"):
        _round_trip(image, own_authority[0], Access(ca_file=tmp_path / "ca.pem"))


def test_a_file_of_certificates_that_is_missing_is_named(image: Image, tmp_path: Path) -> None:
    with pytest.raises(FilesError, match=r"cannot read .*ca\.pem") as caught:
        _round_trip(image, "127.0.0.1:1", Access(ca_file=tmp_path / "ca.pem"))

    assert caught.value.hint
    assert caught.value.exit_code == 16


def test_plain_http_to_a_port_with_tls_says_so(
    own_authority: tuple[str, Path], image: Image
) -> None:
    with pytest.raises(RegistryError, match=r"refused to .* \(400\)") as caught:
        _round_trip(image, own_authority[0], HTTP)

    assert "--plain-http" in caught.value.hint
    assert caught.value.exit_code == 10
