"""Whatever a stranger's image says, it is judged or refused."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oci import foreign
from tests.oci.samples import image_of, plugin_bytes
from wasmctl.errors import ImageRefusedError
from wasmctl.oci import evidence, gate
from wasmctl.oci.consumers import CONSUMERS
from wasmctl.oci.digests import digest_of
from wasmctl.oci.evidence import Evidence
from wasmctl.oci.image import Image, make_blob
from wasmctl.oci.manifest import OCI_CONFIG, OCI_MANIFEST, OCI_TAR_GZIP
from wasmctl.oci.memory import Memory

_LAYER = gzip.compress(foreign.tar(plugin_wasm=plugin_bytes()), mtime=0)
_CONFIG = b'{"os": "linux", "rootfs": {"diff_ids": []}}'


def _gather(manifest: object, *contents: bytes) -> Evidence:
    image = Image(
        manifest=make_blob(OCI_MANIFEST, json.dumps(manifest).encode()),
        blobs=tuple(make_blob("", content) for content in (*contents, _LAYER, _CONFIG)),
    )
    return evidence.gather(Memory(image=image), "1")


def _descriptor(content: bytes, media_type: str) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}


def _manifest(**changes: object) -> dict[str, object]:
    return {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": _descriptor(_CONFIG, OCI_CONFIG),
        "layers": [_descriptor(_LAYER, OCI_TAR_GZIP)],
        **changes,
    }


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
_NAMES = st.sampled_from(["os", "architecture", "rootfs", "diff_ids", "config"])


@given(st.sampled_from(["mediaType", "config", "layers", "annotations"]), _ANYTHING)
def test_any_manifest_is_judged_or_refused(field: str, value: object) -> None:
    try:
        found = _gather(_manifest(**{field: value}))
    except ImageRefusedError:
        return
    assert len(gate.judge(found, CONSUMERS)) == len(CONSUMERS)


@given(st.dictionaries(_NAMES, _ANYTHING | st.dictionaries(_NAMES, _ANYTHING)))
def test_any_configuration_is_judged(document: dict[str, object]) -> None:
    content = json.dumps(document).encode()

    found = _gather(_manifest(config=_descriptor(content, OCI_CONFIG)), content)

    assert len(gate.judge(found, CONSUMERS)) == len(CONSUMERS)


@given(st.binary(max_size=300))
def test_any_layer_is_judged(content: bytes) -> None:
    layers = [
        _descriptor(content, media_type)
        for media_type in (OCI_TAR_GZIP, "application/wasm", "text/plain")
    ]

    found = _gather(_manifest(layers=layers), content)

    assert not any(verdict.accepts for verdict in gate.judge(found, CONSUMERS))


def test_an_image_that_holds_another_module_than_was_built_is_not_pushed(tmp_path: Path) -> None:
    image = image_of(tmp_path / "p")
    mixed = Image(
        manifest=image.manifest,
        blobs=image.blobs,
        consumers=image.consumers,
        plugin_digest=digest_of(b"another"),
    )

    with pytest.raises(ImageRefusedError, match=r"Istio: .* it is not the module sha256"):
        gate.check_image(mixed)


def test_a_strangers_words_cannot_steer_the_terminal() -> None:
    found = _gather(_manifest(layers=[_descriptor(_LAYER, "\x1b[31mred\n")]))

    assert all(verdict.reason.isprintable() for verdict in gate.judge(found, CONSUMERS))


def test_a_layer_too_large_to_be_a_plugins_is_not_fetched() -> None:
    huge = {**_descriptor(b"not there", OCI_TAR_GZIP), "size": 1 << 40}

    found = _gather(_manifest(layers=[huge]))

    (verdict,) = gate.judge(found, ["istio"])
    assert verdict.reason.startswith("it has 1,099,511,627,776 bytes")
