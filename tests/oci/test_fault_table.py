"""What can go wrong between here and a registry, each with its cause, remedy and exit code.

The faults that need a broken line are below. Every fault, and the test that covers it:

| fault | test |
|---|---|
| wrong password | test_authentication: ``a_wrong_password_names_user_and_file_but_never_...`` |
| right password | test_authentication: ``a_password_opens_the_registry`` |
| no credentials | test_authentication: ``without_credentials_the_remedy_is_a_login`` |
| credentials in ``$DOCKER_CONFIG`` only | test_authentication: ``every_place_of_credentials_...`` |
| a helper that is missing | test_authentication: ``a_helper_that_is_missing_is_named_...`` |
| tokens, right password | test_authentication: ``tokens_are_fetched_for_what_is_done`` |
| tokens, wrong password | test_authentication: ``what_the_token_server_refuses_is_told_...`` |
| an identity token | test_authentication: ``an_identity_token_is_exchanged`` |
| unknown authority | test_authentication: ``a_certificate_of_an_unknown_authority_is_refused`` |
| wrong authority | test_authentication: ``a_certificate_of_another_authority_is_refused`` |
| no such file of certificates | test_authentication: ``a_file_of_certificates_that_is_...`` |
| HTTPS to a port with HTTP | test_registry: ``https_to_a_registry_without_it_says_so`` |
| HTTP to a port with TLS | test_authentication: ``plain_http_to_a_port_with_tls_says_so`` |
| connection refused | ``a_port_where_nobody_listens_is_tried_twice`` |
| unknown host | ``a_host_that_nobody_knows_is_tried_twice`` |
| no such tag or repository | test_registry: ``what_is_not_there_is_named`` |
| upload cut at 20 of 50 MB, every time | ``an_upload_that_is_always_cut_is_given_up_...`` |
| download cut so | ``a_download_that_is_always_cut_is_given_up_...`` |
| peer stops reading | ``a_registry_that_takes_no_more_bytes_is_a_timeout`` |
| peer stops sending | ``a_registry_that_sends_no_more_bytes_is_a_timeout`` |
| registry dies and comes back | test_hostile_registry: ``an_upload_begins_anew_after_...`` |
| registry dies for good | ``a_registry_that_dies_in_an_upload_for_good_is_given_up`` |
| pull of an index | tests/cli/test_pull: ``the_image_of_an_index_is_pulled`` |
| pull of an index with nothing for us | test_index: ``a_pull_does_not_guess_among_several`` |
"""

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.oci.docker_registry import DockerRegistry
from tests.oci.samples import HTTP
from tests.oci.scripted_server import Answer, serving
from wasmctl.errors import DeadlineError, NetworkError, WasmctlError
from wasmctl.oci.image import Image, make_blob, make_image
from wasmctl.oci.manifest import OCI_CONFIG, Descriptor, Manifest
from wasmctl.oci.patience import Patience
from wasmctl.oci.reference import ImageRef
from wasmctl.oci.registry import Registry
from wasmctl.oci.store import OnBytes, uncounted
from wasmctl.oci.stream import whole

_SIZE, _CUT = 50_000_000, 20_000_000
_BLOB = Descriptor(media_type="text/plain", digest=f"sha256:{'0' * 64}", size=_SIZE)
_ABSENT = Answer(status=404)
_BEGUN = Answer(status=202, headers={"Location": "/up"})

_CHECK_ADDRESS = "check its name and port, that it runs, and this machine's network"
_RUN_AGAIN = "run the command again; what was uploaded already is not sent twice"


@dataclass(kw_only=True)
class _Clock:
    """A clock that moves when somebody sleeps."""

    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return sum(self.slept)


@contextlib.contextmanager
def _client(
    host: str, clock: _Clock, *, silent_seconds: float = 30.0, on_bytes: OnBytes = uncounted
) -> Iterator[Registry]:
    registry = Registry(
        ImageRef(registry=host, repository="f", tag="1"),
        lambda _line: None,
        access=HTTP,
        patience=Patience(now=clock.now, sleep=clock.slept.append, silent_seconds=silent_seconds),
        on_bytes=on_bytes,
    )
    with contextlib.closing(registry):
        yield registry


@pytest.fixture(scope="module")
def large() -> Image:
    """An image with one layer of 50 MB."""
    layer, config = make_blob("text/plain", bytes(_SIZE)), make_blob(OCI_CONFIG, b"{}")
    manifest = Manifest(config=config.descriptor, layers=(layer.descriptor,))
    return make_image(manifest, layer, config)


def _told(caught: pytest.ExceptionInfo[WasmctlError]) -> tuple[int, str]:
    return caught.value.exit_code, caught.value.hint


def test_a_port_where_nobody_listens_is_tried_twice() -> None:
    clock = _Clock()

    with (
        socket.socket() as bound,
        _client(_bound(bound), clock) as registry,
        pytest.raises(NetworkError, match=r"cannot reach 127\.0\.0\.1:\d+: Connection r") as caught,
    ):
        registry.manifest("1")

    assert _told(caught) == (11, _CHECK_ADDRESS)
    assert clock.slept == [0.5]


def _bound(own: socket.socket) -> str:
    """Keep a port to ourselves, where nobody listens."""
    own.bind(("127.0.0.1", 0))
    return f"127.0.0.1:{own.getsockname()[1]}"


def test_a_host_that_nobody_knows_is_tried_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    clock = _Clock()

    # RFC 6761, section 6.4: no name below .invalid exists. The system's words for it differ.
    with (
        _client("registry.invalid", clock) as registry,
        pytest.raises(NetworkError, match=r"cannot reach registry\.invalid: .*[Nn]ame") as caught,
    ):
        registry.manifest("1")

    assert _told(caught) == (11, _CHECK_ADDRESS)
    assert clock.slept == [0.5]


def test_an_upload_that_is_always_cut_is_given_up_after_five_attempts(large: Image) -> None:
    clock, cut = _Clock(), Answer(status=0, takes=_CUT)

    with (
        serving(*[_ABSENT, _BEGUN, cut] * 5) as server,
        _client(server.host, clock) as registry,
        pytest.raises(NetworkError, match=f"cannot reach {re.escape(server.host)}: ") as caught,
    ):
        registry.push(large, "1")

    assert _told(caught) == (11, _CHECK_ADDRESS)
    assert clock.slept == [0.5, 1, 2, 4]
    methods = [request.partition(" ")[0] for request in server.requests]
    assert methods == ["HEAD", "POST", "PUT"] * 5


def test_a_download_that_is_always_cut_is_given_up_after_five_attempts() -> None:
    clock, cut = _Clock(), Answer(status=200, body=bytes(_CUT), missing=_SIZE - _CUT)

    with (
        serving(*[cut] * 5) as server,
        _client(server.host, clock) as registry,
        pytest.raises(NetworkError, match="the connection was cut") as caught,
    ):
        registry.read(_BLOB, whole)

    assert _told(caught) == (11, _CHECK_ADDRESS)
    assert clock.slept == [0.5, 1, 2, 4]
    assert len(server.requests) == 5


def test_a_registry_that_dies_in_an_upload_for_good_is_given_up(
    own_registry: DockerRegistry, large: Image
) -> None:
    clock = _Clock()

    with (
        _client(own_registry.host, clock, on_bytes=lambda *_: own_registry.kill()) as registry,
        pytest.raises(NetworkError, match=f"{own_registry.host}: Connection refused") as caught,
    ):
        registry.push(large, "1")

    assert _told(caught) == (11, _CHECK_ADDRESS)
    assert clock.slept == [0.5, 1, 2, 4]
    assert [*own_registry.store.rglob("_uploads")]
    assert not [*own_registry.store.rglob("_manifests")]


def test_a_registry_that_takes_no_more_bytes_is_a_timeout(large: Image) -> None:
    clock = _Clock()

    with (
        _stalling(
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            b"HTTP/1.1 202 Accepted\r\nLocation: /up\r\nContent-Length: 0\r\n\r\n",
        ) as host,
        _client(host, clock, silent_seconds=0.1) as registry,
        pytest.raises(DeadlineError, match=f"{host} did not answer in time") as caught,
    ):
        registry.push(large, "1")

    assert _told(caught) == (12, _RUN_AGAIN)
    assert clock.slept == []


def test_a_registry_that_sends_no_more_bytes_is_a_timeout() -> None:
    clock = _Clock()
    begun = f"HTTP/1.1 200 OK\r\nContent-Length: {_SIZE}\r\n\r\n".encode() + bytes(100_000)

    with (
        _stalling(begun) as host,
        _client(host, clock, silent_seconds=0.1) as registry,
        pytest.raises(DeadlineError, match=f"{host} did not answer in time") as caught,
    ):
        registry.read(_BLOB, whole)

    assert _told(caught) == (12, _RUN_AGAIN)
    assert clock.slept == []


@contextlib.contextmanager
def _stalling(*answers: bytes) -> Iterator[str]:
    """Give these answers over one connection, then neither read nor send, nor hang up."""
    is_over = threading.Event()

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            for answer in answers:
                connection.recv(65536)
                connection.sendall(answer)
            is_over.wait()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=[listener])
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            is_over.set()
            thread.join()
