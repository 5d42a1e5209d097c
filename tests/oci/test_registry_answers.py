"""The registry client against answers that a healthy registry does not give."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.oci.samples import HTTP
from tests.oci.scripted_server import Answer, ScriptedServer, serving
from wasmctl.errors import (
    DeadlineError,
    ImageRefusedError,
    NetworkError,
    RegistryError,
    WasmctlError,
)
from wasmctl.oci.digests import digest_of
from wasmctl.oci.image import Image
from wasmctl.oci.manifest import MAX_MANIFEST_SIZE, Descriptor
from wasmctl.oci.patience import Patience
from wasmctl.oci.reference import ImageRef
from wasmctl.oci.registry import Registry
from wasmctl.oci.stream import whole

_BLOB = Descriptor(media_type="text/plain", digest=digest_of(b"blob"), size=4)
_LOCATION = {"Location": "/v2/f/uploads/1"}
_ABSENT, _STARTED, _CREATED = (
    Answer(status=404),
    Answer(status=202, headers=_LOCATION),
    Answer(status=201),
)


@contextlib.contextmanager
def _client(host: str, *, patience: Patience | None = None) -> Iterator[Registry]:
    reference = ImageRef(registry=host, repository="f", tag="1")
    quick = patience or Patience(sleep=lambda _seconds: None)
    with contextlib.closing(
        Registry(reference, lambda _line: None, access=HTTP, patience=quick)
    ) as registry:
        yield registry


def _manifest(*answers: Answer, selector: str = "1") -> tuple[bytes, ScriptedServer]:
    with serving(*answers) as server, _client(server.host) as registry:
        return registry.manifest(selector), server


def _blob(*answers: Answer) -> bytes:
    with serving(*answers) as server, _client(server.host) as registry:
        return registry.read(_BLOB, whole)


def _push(image: Image, *answers: Answer) -> ScriptedServer:
    with serving(*answers) as server, _client(server.host) as registry:
        registry.push(image, "1")
        return server


def _ok(body: bytes, **headers: str) -> Answer:
    return Answer(status=200, body=body, headers=headers)


@pytest.mark.parametrize("status", [401, 403])
def test_a_demand_for_credentials_is_answered_with_a_way_out(status: int) -> None:
    body = b'{"errors": [{"code": "DENIED", "message": "who are you"}]}'

    with pytest.raises(RegistryError, match=f"{status} DENIED: who are you") as caught:
        _manifest(Answer(status=status, body=body))

    assert "without credentials" in caught.value.message
    assert "wasmctl login 127.0.0.1:" in caught.value.hint


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_again(status: int) -> None:
    assert _manifest(Answer(status=status), _ok(b"{}"))[0] == b"{}"


def test_a_connection_cut_in_the_middle_is_asked_again() -> None:
    cut = Answer(status=200, body=b"bl", missing=2)

    assert _blob(cut, cut, _ok(b"blob")) == b"blob"


def test_a_connection_always_cut_is_a_network_error() -> None:
    with pytest.raises(NetworkError, match="cannot reach"):
        _blob(*[Answer(status=200, body=b"bl", missing=2)] * 5)


def test_a_failed_upload_begins_anew_and_no_post_is_repeated_alone(image: Image) -> None:
    broken = Answer(status=503)
    upload = [_ABSENT, _STARTED, _CREATED]

    server = _push(image, _ABSENT, _STARTED, broken, *upload, *upload, _CREATED)

    methods = [request.partition(" ")[0] for request in server.requests]
    assert methods == [*["HEAD", "POST", "PUT"] * 3, "PUT"]
    assert server.requests[-1] == "PUT /v2/f/manifests/1"


def test_an_upload_goes_where_the_registry_says(image: Image) -> None:
    started = Answer(status=202, headers={"Location": "/elsewhere?state=1"})

    server = _push(image, _ABSENT, started, _CREATED, Answer(status=200), _CREATED)

    assert server.requests[2] == f"PUT /elsewhere?state=1&digest={_quoted(image)}"


def _quoted(image: Image) -> str:
    return image.blobs[0].descriptor.digest.replace(":", "%3A")


@pytest.mark.parametrize("location", ["", "file:///etc/passwd", "http://["])
def test_an_upload_that_leads_nowhere_is_refused(image: Image, location: str) -> None:
    with pytest.raises(RegistryError, match="without saying where"):
        _push(image, _ABSENT, Answer(status=202, headers={"Location": location}))


def test_a_manifest_stored_under_another_digest_is_refused(image: Image) -> None:
    there = Answer(status=200)
    other = {"Docker-Content-Digest": digest_of(b"other")}

    with pytest.raises(ImageRefusedError, match=f"has {digest_of(b'other')} where"):
        _push(image, there, there, Answer(status=201, headers=other))


@pytest.mark.parametrize(
    ("announced", "selector"),
    [(digest_of(b"other"), "1"), ("", digest_of(b"other"))],
    ids=["by the header", "by the digest asked for"],
)
def test_a_manifest_with_another_digest_is_refused(announced: str, selector: str) -> None:
    answer = Answer(status=200, body=b"{}", headers={"Docker-Content-Digest": announced})

    with pytest.raises(ImageRefusedError, match="where sha256:"):
        _manifest(answer, selector=selector)


@pytest.mark.parametrize("body", [b"blo", b"blub", b""])
def test_a_blob_with_other_bytes_is_refused(body: bytes) -> None:
    with pytest.raises(ImageRefusedError, match=f"delivered {len(body)} bytes"):
        _blob(_ok(body))


def test_a_blob_that_goes_on_is_not_read_on() -> None:
    with pytest.raises(ImageRefusedError, match="more than the 4 bytes expected"):
        _blob(_ok(b"blob and more"))


def test_a_manifest_of_any_size_is_not_read_to_its_end() -> None:
    with pytest.raises(ImageRefusedError, match="more than the 4,194,304 bytes expected"):
        _manifest(_ok(bytes(MAX_MANIFEST_SIZE + 1)))


def test_a_circle_of_redirections_ends() -> None:
    with pytest.raises(RegistryError, match="does not answer as a registry"):
        _manifest(*[Answer(status=302, headers={"Location": "/v2/f/manifests/1"})] * 6)


def test_a_strangers_words_cannot_steer_the_terminal() -> None:
    body = b'{"errors": [{"code": "X", "message": "a\\u001b[31mb"}]}'

    with pytest.raises(RegistryError, match=r"400 X: a\?\[31mb"):
        _manifest(Answer(status=400, body=body))


@pytest.mark.parametrize("body", [b"", b"[", b"{}", b'{"errors": []}', b'{"errors": [1]}', b"\xff"])
def test_a_refusal_without_words_is_told_by_its_number(body: bytes) -> None:
    with pytest.raises(RegistryError, match=r"\(400\)"):
        _manifest(Answer(status=400, body=body))


def test_passwords_of_the_environment_are_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    _, server = _manifest(_ok(b"{}"))

    assert "Authorization" not in server.headers[0]


def test_the_proxy_is_asked_for_a_foreign_host(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(_ok(b"{}")) as proxy, _client("registry.invalid") as registry:
        monkeypatch.setenv("http_proxy", f"http://{proxy.host}")

        registry.manifest("1")

    assert proxy.requests == ["GET http://registry.invalid/v2/f/manifests/1"]


@contextlib.contextmanager
def _silent() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        yield f"127.0.0.1:{bound.getsockname()[1]}"


def test_a_registry_that_stays_silent_is_a_timeout() -> None:
    impatient = Patience(silent_seconds=0.05)

    with (
        _silent() as host,
        _client(host, patience=impatient) as registry,
        pytest.raises(DeadlineError, match="did not answer in time"),
    ):
        registry.manifest("1")


@pytest.mark.parametrize("ask", [_manifest, _blob], ids=["manifest", "blob"])
def test_every_failure_offers_a_remedy(ask: Callable[..., object]) -> None:
    with pytest.raises(WasmctlError) as caught:
        ask(Answer(status=418))

    assert caught.value.hint
