import contextlib
import dataclasses
import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oci.samples import plugin_bytes
from wasmctl import plugin
from wasmctl.errors import ImageRefusedError
from wasmctl.oci.image import Blob, make_blob
from wasmctl.oci.manifest import OCI_CONFIG, OCI_TAR_GZIP, Manifest, parse
from wasmctl.oci.variants import compat

_CONTENT = plugin_bytes()
_PLUGIN = plugin.parse(_CONTENT)
_CREATED = "2026-11-20T00:00:00Z"
_ANNOTATIONS = {
    "org.opencontainers.image.title": "edge-auth",
    "org.opencontainers.image.created": _CREATED,
    "dev.wasmctl.language": "assemblyscript",
}


def _pack() -> tuple[Manifest, Blob, dict[str, Any]]:
    """Return the manifest, the layer and the configuration of the sample."""
    image = compat.pack(_PLUGIN, _ANNOTATIONS)
    layer, config = image.blobs
    return parse(image.manifest.content), layer, json.loads(config.content)


def _unpack(layer: bytes) -> bytes:
    blob = make_blob(OCI_TAR_GZIP, layer)
    config = make_blob(OCI_CONFIG, b"{}")
    manifest = Manifest(config=config.descriptor, layers=(config.descriptor, blob.descriptor))
    return compat.unpack(manifest, _of(blob))


def _of(blob: Blob) -> Callable[[object], bytes]:
    return lambda descriptor: blob.content if descriptor == blob.descriptor else b""


def _archive(*members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size, member.type, member.linkname = len(content), kind, "elsewhere"
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def test_the_layer_holds_one_file_without_a_trace_of_who_made_it() -> None:
    _, layer, _ = _pack()

    with tarfile.open(fileobj=io.BytesIO(layer.content), mode="r:gz") as archive:
        (member,) = archive.getmembers()
        content = archive.extractfile(member)
        assert content is not None
        assert content.read() == _CONTENT
    assert (member.name, member.mode, member.mtime) == ("plugin.wasm", 0o644, 0)
    assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", "")


def test_the_layer_is_ustar_in_gzip_without_name_or_time() -> None:
    _, layer, _ = _pack()

    assert gzip.decompress(layer.content)[257:263] == b"ustar\0"
    assert layer.content[:10].hex() == "1f8b08000000000002ff"


def test_the_tar_is_the_same_on_every_machine() -> None:
    _, _, config = _pack()

    assert config["rootfs"]["diff_ids"] == [
        "sha256:af02bb053c147c5a5b2a4064a5485af9085450642c3322e666904592a02e3470"
    ]


def test_the_configuration_is_a_real_one_for_linux_on_amd64() -> None:
    _, layer, config = _pack()

    diff_id = "sha256:" + hashlib.sha256(gzip.decompress(layer.content)).hexdigest()
    assert config == {
        "created": _CREATED,
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "Labels": {
                "org.opencontainers.image.created": _CREATED,
                "org.opencontainers.image.title": "edge-auth",
            }
        },
        "rootfs": {"type": "layers", "diff_ids": [diff_id]},
        "history": [{"created": _CREATED, "created_by": "wasmctl push"}],
    }


def test_the_manifest_names_one_layer_and_says_its_variant() -> None:
    manifest, layer, _ = _pack()

    assert manifest.layers == (layer.descriptor,)
    assert layer.descriptor.media_type == OCI_TAR_GZIP
    assert layer.descriptor.annotations == {"org.opencontainers.image.title": "plugin.tar.gz"}
    assert manifest.config.media_type == OCI_CONFIG
    assert manifest.annotations == {**_ANNOTATIONS, "module.wasm.image/variant": "compat"}


def test_the_same_plugin_gives_the_same_bytes() -> None:
    assert compat.pack(_PLUGIN, _ANNOTATIONS) == compat.pack(_PLUGIN, _ANNOTATIONS)


def test_a_module_too_large_for_gateways_is_not_packed() -> None:
    large = dataclasses.replace(_PLUGIN, content=bytes(256 * 1024 * 1024))

    with pytest.raises(ImageRefusedError, match="gateways load at most 268,435,456"):
        compat.pack(large, _ANNOTATIONS)


def test_what_was_packed_is_accepted_and_unpacked() -> None:
    manifest, layer, _ = _pack()

    assert compat.accepts(manifest)
    assert compat.unpack(manifest, _of(layer)) == _CONTENT


def test_an_image_without_layers_is_not_accepted() -> None:
    manifest, _, _ = _pack()

    assert not compat.accepts(Manifest(config=manifest.config, layers=()))


@pytest.mark.parametrize("name", ["plugin.wasm", "./plugin.wasm", "/plugin.wasm", "a/plugin.wasm"])
def test_the_module_is_found_by_its_file_name_behind_other_files(name: str) -> None:
    layer = _archive(("README.md", b"read me"), (name, _CONTENT))

    assert _unpack(layer) == _CONTENT


def test_the_first_module_wins_as_on_istio() -> None:
    assert _unpack(_archive(("plugin.wasm", b"one"), ("a/plugin.wasm", b"two"))) == b"one"


def test_a_layer_without_the_file_is_refused() -> None:
    with pytest.raises(ImageRefusedError, match=r"no file plugin\.wasm"):
        _unpack(_archive(("module.wasm", _CONTENT)))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE])
def test_a_name_without_a_file_behind_it_is_refused(kind: bytes) -> None:
    with pytest.raises(ImageRefusedError, match=r"no file plugin\.wasm"):
        _unpack(_archive(("plugin.wasm", b""), kind=kind))


@pytest.mark.parametrize(
    "layer",
    [
        b"",
        b"no gzip",
        gzip.compress(b"no tar" * 100),
        _archive(("plugin.wasm", _CONTENT))[:-40],
        gzip.compress(gzip.decompress(_archive(("plugin.wasm", _CONTENT)))[:600]),
    ],
)
def test_a_damaged_layer_is_refused(layer: bytes) -> None:
    with pytest.raises(ImageRefusedError, match=r"not a tar\+gzip archive|no file plugin\.wasm"):
        _unpack(layer)


def test_a_small_layer_with_a_huge_archive_is_refused() -> None:
    header = tarfile.TarInfo("padding")
    header.size = 300 * 1024 * 1024
    mebibyte = gzip.compress(bytes(1024 * 1024))
    layer = gzip.compress(header.tobuf()) + mebibyte * 300

    with pytest.raises(ImageRefusedError, match="more than 268,435,456 bytes"):
        _unpack(layer)


def test_an_archive_of_a_thousand_nested_names_is_refused() -> None:
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1

    with pytest.raises(ImageRefusedError, match=r"not a tar\+gzip archive"):
        _unpack(gzip.compress((header.tobuf() + b"a" + bytes(511)) * 2000))


def test_a_header_that_claims_an_absurd_size_is_refused_at_the_end_of_the_layer() -> None:
    header = tarfile.TarInfo("padding")
    header.size = 1 << 60

    with pytest.raises(ImageRefusedError, match="ends early"):
        _unpack(gzip.compress(header.tobuf() + bytes(20_000)))


def test_a_module_that_claims_an_absurd_size_is_refused() -> None:
    header = tarfile.TarInfo("plugin.wasm")
    header.size = 1 << 60

    with pytest.raises(ImageRefusedError, match="more than 268,435,456 bytes"):
        _unpack(gzip.compress(header.tobuf() + bytes(20_000)))


def test_a_module_with_holes_is_refused_before_they_are_filled() -> None:
    header = tarfile.TarInfo("plugin.wasm")
    header.pax_headers = {"GNU.sparse.size": str(1 << 33), "GNU.sparse.map": "0,0"}

    with pytest.raises(ImageRefusedError, match=r"no file plugin\.wasm"):
        _unpack(gzip.compress(header.tobuf(tarfile.PAX_FORMAT) + bytes(1024)))


_TAR = gzip.decompress(_archive(("a" * 120, b"x"), ("plugin.wasm", _CONTENT)))


@given(st.lists(st.tuples(st.integers(0, len(_TAR) - 1), st.integers(0, 255)), max_size=8))
def test_an_archive_with_changed_bytes_is_read_or_refused(
    changes: list[tuple[int, int]],
) -> None:
    changed = bytearray(_TAR)
    for position, byte in changes:
        changed[position] = byte

    with contextlib.suppress(ImageRefusedError):
        assert isinstance(_unpack(gzip.compress(bytes(changed), 1)), bytes)
