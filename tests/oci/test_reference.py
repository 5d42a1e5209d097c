from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasmctl.errors import UsageError
from wasmctl.oci.reference import (
    ImageRef,
    LayoutRef,
    parse,
    parse_or_path,
    parse_registry,
    parse_repository,
)

_DIGEST = "sha256:" + "0123456789abcdef" * 4


def test_an_image_reference_is_taken_apart() -> None:
    parsed = parse(f"ghcr.io/acme/edge-auth:1.0.0@{_DIGEST}")

    assert parsed == ImageRef(
        registry="ghcr.io", repository="acme/edge-auth", tag="1.0.0", digest=_DIGEST
    )


@pytest.mark.parametrize(
    "text",
    [
        "localhost/f:1",
        "localhost:5000/f:1",
        "127.0.0.1:5000/acme/f:1",
        "[::1]:5000/f:1",
        "registry.example.com/a/b/c__d/e-f.g:v1_2.3-rc",
        f"ghcr.io/acme/f@{_DIGEST}",
        "oci-layout:build/layout:1.0",
        f"oci-layout:/tmp/layout@{_DIGEST}",
    ],
)
def test_a_reference_is_written_as_it_was_read(text: str) -> None:
    assert str(parse(text)) == text


@pytest.mark.parametrize("registry", ["docker.io", "index.docker.io", "registry-1.docker.io"])
def test_every_name_of_docker_hub_is_one_registry(registry: str) -> None:
    parsed = parse(f"{registry}/acme/f:1")

    assert isinstance(parsed, ImageRef)
    assert str(parsed) == "docker.io/acme/f:1"
    assert parsed.api_host == "registry-1.docker.io"


def test_a_single_name_on_docker_hub_is_in_library() -> None:
    assert str(parse("docker.io/f:1")) == "docker.io/library/f:1"


def test_the_prefix_that_istio_writes_is_understood() -> None:
    assert str(parse("oci://ghcr.io/acme/f:1")) == "ghcr.io/acme/f:1"


def test_a_registry_is_never_guessed() -> None:
    with pytest.raises(UsageError, match="'acme/f:1' names no registry") as caught:
        parse("acme/f:1")

    assert "docker.io/acme/f:1" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "names no registry"),
        ("f:1", "names no registry"),
        ("ghcr.io", "names no registry"),
        ("ghcr.io/acme/f", "names no tag"),
        ("ghcr.io/acme/f:", "names no tag"),
        ("ghcr.io/Acme/f:1", "'Acme/f' .* is not a repository's name"),
        ("ghcr.io//f:1", "is not a repository's name"),
        ("ghcr.io/:1", "is not a repository's name"),
        ("ghcr.io/" + "a/" * 130 + "f:1", "is not a repository's name"),
        ("ghcr.io/acme/f:1:2", "'1:2' .* is not a tag"),
        ("ghcr.io/acme/f:-1", "is not a tag"),
        ("ghcr.io/acme/f:" + "a" * 129, "is not a tag"),
        ("ghcr.io/acme/f@sha256:1", "'sha256:1' .* is not a digest"),
        (f"ghcr.io/acme/f@{_DIGEST}@{_DIGEST}", "is not a digest"),
        ("localhost:0/f:1", "'0' .* is not a port"),
        ("localhost:65536/f:1", "is not a port"),
        ("localhost:http/f:1", "is not a port"),
        ("-a.example/f:1", "is not a registry's host"),
        ("[::1/f:1", "is not a registry's host|is not a port"),
        ("[zz]:1/f:1", "is not a registry's host"),
        ("https://ghcr.io/acme/f:1", "is a URL"),
        ("oci-layout:", "lacks a folder or a tag"),
        ("oci-layout::1", "lacks a folder or a tag"),
        ("oci-layout:layout", "lacks a folder or a tag"),
        ("oci-layout:layout:", "lacks a folder or a tag"),
        ("oci-layout:/a:b/layout", "lacks a folder or a tag"),
        ("oci-layout:layout:a b", "'a b' .* is not a tag"),
    ],
)
def test_what_is_no_reference_is_refused_with_its_cause(text: str, cause: str) -> None:
    with pytest.raises(UsageError, match=cause):
        parse(text)


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("oci-layout:a:b:1", "a:b"),
        ("oci-layout:/srv/12:30/layout:1", "/srv/12:30/layout"),
        (f"oci-layout:/srv/12:30/layout@{_DIGEST}", "/srv/12:30/layout"),
        (f"oci-layout:layout:1@{_DIGEST}", "layout"),
    ],
)
def test_the_folder_of_a_layout_may_hold_colons(text: str, folder: str) -> None:
    parsed = parse(text)

    assert isinstance(parsed, LayoutRef)
    assert parsed.folder == Path(folder)


@given(st.text(alphabet="aZ0.:/@[]-_ sh256é\n\0", max_size=40))
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    for candidate in (text, f"oci-layout:{text}", f"ghcr.io/{text}"):
        try:
            parsed = parse(candidate)
        except UsageError:
            continue
        assert parse(str(parsed)) == parsed


def test_a_repository_is_named_without_a_tag() -> None:
    assert parse_repository("ghcr.io/acme/filter") == ImageRef(
        registry="ghcr.io", repository="acme/filter"
    )
    assert parse_repository("oci-layout:a/b:c") == LayoutRef(folder=Path("a/b:c"))


@pytest.mark.parametrize(
    ("text", "registry"),
    [
        ("ghcr.io", "ghcr.io"),
        ("https://localhost:5000/", "localhost:5000"),
        ("index.docker.io", "docker.io"),
    ],
)
def test_a_registry_is_named_by_its_host(text: str, registry: str) -> None:
    assert parse_registry(text) == registry


@pytest.mark.parametrize("text", ["", "ghcr.io/acme", "a b", "host:port", "host:0"])
def test_what_names_no_registry_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_registry(text)


def test_a_file_that_is_there_is_a_path_whatever_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.b:1").write_text("")

    assert parse_or_path("a.b:1") == Path("a.b:1")


@pytest.mark.parametrize("text", ["f.wasm", "dist/f.wasm", "./f", "../f", "/f", "f", "dist/f"])
def test_what_looks_like_a_path_is_one(text: str) -> None:
    assert parse_or_path(text) == Path(text)


@pytest.mark.parametrize("text", ["ghcr.io/f:1", "oci-layout:d:1", "oci://ghcr.io/f:1"])
def test_what_looks_like_a_reference_is_one(text: str) -> None:
    assert parse_or_path(text) == parse(text)
