"""Reading the module out of layers, from the honest to the hostile."""

import contextlib
import gzip
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oci.samples import plugin_bytes
from wasmctl.errors import ImageRefusedError
from wasmctl.oci import unpack
from wasmctl.oci.image import make_blob, make_image
from wasmctl.oci.manifest import DOCKER_TAR_GZIP, OCI_CONFIG, OCI_TAR, OCI_TAR_GZIP, Manifest
from wasmctl.oci.memory import Memory

_CONTENT = plugin_bytes()


def _unpack(*layers: bytes, media_type: str = OCI_TAR_GZIP) -> bytes:
    config = make_blob(OCI_CONFIG, b"{}")
    blobs = [make_blob(media_type, layer) for layer in layers]
    descriptors = tuple(blob.descriptor for blob in blobs)
    manifest = Manifest(config=config.descriptor, layers=descriptors)
    return unpack.module_of(Memory(image=make_image(manifest, config, *blobs)), manifest)


def _archive(*members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size, member.type, member.linkname = len(content), kind, "elsewhere"
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize("media_type", [OCI_TAR_GZIP, DOCKER_TAR_GZIP])
def test_both_compressed_forms_are_read(media_type: str) -> None:
    assert _unpack(_archive(("plugin.wasm", _CONTENT)), media_type=media_type) == _CONTENT


def test_an_archive_without_compression_is_read() -> None:
    layer = gzip.decompress(_archive(("plugin.wasm", _CONTENT)))

    assert _unpack(layer, media_type=OCI_TAR) == _CONTENT


def test_the_topmost_layer_with_a_module_wins() -> None:
    below, above = _archive(("plugin.wasm", b"below")), _archive(("plugin.wasm", b"above"))

    assert _unpack(below, above, _archive(("README.md", b"read me"))) == b"above"


@pytest.mark.parametrize(
    "media_type",
    [
        "application/wasm",
        "application/vnd.wasm.content.layer.v1+wasm",
        "application/vnd.module.wasm.content.layer.v1+wasm",
    ],
)
def test_bare_modules_are_read(media_type: str) -> None:
    assert _unpack(_CONTENT, media_type=media_type) == _CONTENT


def test_an_image_without_layers_holds_no_module() -> None:
    with pytest.raises(ImageRefusedError, match="its layers are: none"):
        _unpack()


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
        gzip.compress(b"no tar" * 100, mtime=0),
        _archive(("plugin.wasm", _CONTENT))[:-40],
        gzip.compress(gzip.decompress(_archive(("plugin.wasm", _CONTENT)))[:600], mtime=0),
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
