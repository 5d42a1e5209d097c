import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasmctl.errors import ImageRefusedError
from wasmctl.oci import index
from wasmctl.oci.digests import digest_of
from wasmctl.oci.manifest import OCI_INDEX, OCI_MANIFEST


def _index(*platforms: str) -> bytes:
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": OCI_INDEX,
            "manifests": [_entry(platform) for platform in platforms],
        }
    ).encode()


def _entry(platform: str) -> dict[str, object]:
    entry = {"mediaType": OCI_MANIFEST, "digest": digest_of(platform.encode()), "size": 1}
    system, _, architecture = platform.partition("/")
    return {
        **entry,
        **({"platform": {"os": system, "architecture": architecture}} if system else {}),
    }


def _entries(*platforms: str) -> tuple[index.Entry, ...]:
    return index.parse(_index(*platforms)) or ()


def test_a_manifest_is_no_index() -> None:
    assert index.parse(b'{"schemaVersion": 2, "layers": []}') is None


@pytest.mark.parametrize(
    ("platforms", "chosen"),
    [
        (["linux/arm64", "linux/amd64", "linux/amd64"], "linux/amd64"),
        (["linux/arm64", ""], ""),
        (["wasi/wasm", "linux/arm64"], None),
        ([], None),
    ],
)
def test_gateways_take_the_first_for_linux_on_amd64(
    platforms: list[str], chosen: str | None
) -> None:
    found = index.gateways_choice(_entries(*platforms))

    assert (found.platform if found else None) == chosen


@pytest.mark.parametrize(
    ("platforms", "chosen"),
    [
        (["wasi/wasm", "linux/amd64"], "linux/amd64"),
        (["linux/arm64", "wasip1/wasm"], "wasip1/wasm"),
        (["linux/arm64", "unknown/unknown"], "linux/arm64"),
    ],
)
def test_a_pull_is_content_with_less(platforms: list[str], chosen: str) -> None:
    assert index.best_choice(_entries(*platforms)).platform == chosen


def test_a_pull_does_not_guess_among_several() -> None:
    with pytest.raises(ImageRefusedError, match="offers linux/arm64, linux/s390x: none") as caught:
        index.best_choice(_entries("linux/arm64", "linux/s390x"))

    assert caught.value.hint
    assert caught.value.exit_code == 14


@pytest.mark.parametrize(
    "content",
    [
        b"[",
        b"[]",
        b'{"manifests": {}}',
        b'{"manifests": [1]}',
        b'{"manifests": [{"mediaType": "a", "digest": "sha256:1", "size": 1}]}',
        _index("").replace(b'"size": 1', b'"size": 1, "platform": "linux"'),
    ],
)
def test_a_malformed_index_is_refused(content: bytes) -> None:
    with pytest.raises(ImageRefusedError, match="manifest is malformed"):
        index.parse(content)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["manifests", "a"]), inner),
    )
)
def test_any_document_is_read_or_refused(document: object) -> None:
    try:
        found = index.parse(json.dumps(document).encode())
    except ImageRefusedError:
        return
    assert found is None or isinstance(found, tuple)
