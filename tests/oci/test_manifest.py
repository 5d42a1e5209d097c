import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasmctl.errors import ImageRefusedError
from wasmctl.oci.digests import digest_of
from wasmctl.oci.manifest import (
    OCI_CONFIG,
    OCI_INDEX,
    OCI_TAR_GZIP,
    Descriptor,
    Manifest,
    parse,
    to_json,
)

_CONFIG = Descriptor(media_type=OCI_CONFIG, digest=digest_of(b"c"), size=1)
_LAYER = Descriptor(
    media_type=OCI_TAR_GZIP, digest=digest_of(b"l"), size=1, annotations={"b": "2", "a": "1"}
)
_MANIFEST = Manifest(config=_CONFIG, layers=(_LAYER,), annotations={"z": "é", "y": "1"})


def test_the_bytes_are_compact_and_their_keys_ordered() -> None:
    text = to_json(_MANIFEST).decode()

    assert text == (
        '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",'
        f'"config":{{"mediaType":"{OCI_CONFIG}","digest":"{_CONFIG.digest}","size":1}},'
        f'"layers":[{{"mediaType":"{OCI_TAR_GZIP}","digest":"{_LAYER.digest}","size":1,'
        '"annotations":{"a":"1","b":"2"}}],"annotations":{"y":"1","z":"é"}}'
    )


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert parse(to_json(_MANIFEST)) == _MANIFEST


def test_a_manifest_without_media_type_is_ocis() -> None:
    document = _changed("mediaType", None)

    assert parse(document) == _MANIFEST


def test_an_index_is_refused_with_the_way_out() -> None:
    with pytest.raises(ImageRefusedError, match="image index") as caught:
        parse(json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}).encode())

    assert "digest" in caught.value.hint


def _changed(field: str, value: object) -> bytes:
    document: dict[str, Any] = json.loads(to_json(_MANIFEST))
    document[field] = value
    return json.dumps({key: found for key, found in document.items() if found is not None}).encode()


_GOOD = json.loads(to_json(_MANIFEST))["config"]


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (_changed("schemaVersion", 1), "schemaVersion is not 2"),
        (_changed("mediaType", "text/plain"), "mediaType 'text/plain'"),
        (_changed("mediaType", []), "mediaType is not a string"),
        (_changed("config", None), "config is not a descriptor"),
        (_changed("config", {**_GOOD, "mediaType": 1}), "config.mediaType is not a string"),
        (_changed("config", {**_GOOD, "digest": "sha256:../../x"}), "config.digest is not"),
        (_changed("config", {**_GOOD, "size": True}), "config.size is not"),
        (_changed("config", {**_GOOD, "size": -1}), "config.size is not"),
        (_changed("config", {**_GOOD, "annotations": {"a": 1}}), "config.annotations does not"),
        (_changed("layers", None), "layers is not a list"),
        (_changed("layers", [_GOOD, 1]), r"layers\[1\] is not a descriptor"),
        (_changed("annotations", ["a"]), "annotations does not"),
    ],
)
def test_a_malformed_manifest_is_refused_with_the_field(content: bytes, cause: str) -> None:
    with pytest.raises(ImageRefusedError, match=cause):
        parse(content)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["mediaType", "digest", "size", "annotations", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(
    st.sampled_from(["schemaVersion", "mediaType", "config", "layers", "annotations", "manifests"]),
    _JSON,
)
def test_any_field_of_any_kind_is_read_or_refused(field: str, value: object) -> None:
    with contextlib.suppress(ImageRefusedError):
        assert isinstance(parse(_changed(field, value)), Manifest)
