import dataclasses
import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.oci.samples import plugin_bytes
from wasmctl.errors import FilesError, ImageRefusedError
from wasmctl.oci import module_file
from wasmctl.oci.image import Part
from wasmctl.oci.manifest import OCI_CONFIG, OCI_TAR_GZIP, Manifest, parse
from wasmctl.oci.module_file import ModuleFile
from wasmctl.oci.variants import compat

_CONTENT = plugin_bytes()
_CREATED = "2026-11-20T00:00:00Z"
_ANNOTATIONS = {
    "org.opencontainers.image.title": "edge-auth",
    "org.opencontainers.image.created": _CREATED,
    "dev.wasmctl.language": "assemblyscript",
}


@pytest.fixture
def module(tmp_path: Path) -> ModuleFile:
    path = tmp_path / "plugin.wasm"
    path.write_bytes(_CONTENT)
    return module_file.opened(path)


def _pack(module: ModuleFile) -> tuple[Manifest, Part, dict[str, Any]]:
    """Return the manifest, the layer and the configuration of the sample."""
    image = compat.pack(module, _ANNOTATIONS)
    layer, config = image.blobs
    return parse(image.manifest.content), layer, json.loads(config.content)


def test_the_layer_holds_one_file_without_a_trace_of_who_made_it(module: ModuleFile) -> None:
    _, layer, _ = _pack(module)

    with tarfile.open(fileobj=io.BytesIO(layer.content), mode="r:gz") as archive:
        (member,) = archive.getmembers()
        content = archive.extractfile(member)
        assert content is not None
        assert content.read() == _CONTENT
    assert (member.name, member.mode, member.mtime) == ("plugin.wasm", 0o644, 0)
    assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", "")


def test_the_layer_is_ustar_in_gzip_without_name_or_time(module: ModuleFile) -> None:
    _, layer, _ = _pack(module)

    assert gzip.decompress(layer.content)[257:263] == b"ustar\0"
    assert layer.content[:10].hex() == "1f8b08000000000002ff"


def test_the_tar_is_the_same_on_every_machine(module: ModuleFile) -> None:
    _, _, config = _pack(module)

    assert config["rootfs"]["diff_ids"] == [
        "sha256:af02bb053c147c5a5b2a4064a5485af9085450642c3322e666904592a02e3470"
    ]


def test_the_configuration_is_a_real_one_for_linux_on_amd64(module: ModuleFile) -> None:
    _, layer, config = _pack(module)

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


def test_the_manifest_names_one_layer_and_says_its_variant(module: ModuleFile) -> None:
    manifest, layer, _ = _pack(module)

    assert manifest.layers == (layer.descriptor,)
    assert layer.descriptor.media_type == OCI_TAR_GZIP
    assert layer.descriptor.annotations == {"org.opencontainers.image.title": "plugin.tar.gz"}
    assert manifest.config.media_type == OCI_CONFIG
    assert manifest.annotations == {**_ANNOTATIONS, "module.wasm.image/variant": "compat"}


def test_the_same_plugin_gives_the_same_bytes(module: ModuleFile) -> None:
    assert compat.pack(module, _ANNOTATIONS) == compat.pack(module, _ANNOTATIONS)


def test_a_module_too_large_for_gateways_is_not_packed(module: ModuleFile) -> None:
    large = dataclasses.replace(module, size=256 * 1024 * 1024)

    with pytest.raises(ImageRefusedError, match="gateways load at most 268,435,456"):
        compat.pack(large, _ANNOTATIONS)


def test_a_module_that_changes_under_way_is_not_packed(module: ModuleFile) -> None:
    module.path.write_bytes(plugin_bytes("other"))

    with pytest.raises(FilesError, match="was changed while it was read"):
        compat.pack(module, _ANNOTATIONS)


def test_a_module_that_is_gone_is_not_packed(module: ModuleFile) -> None:
    module.path.unlink()

    with pytest.raises(FilesError, match="No such file"):
        compat.pack(module, _ANNOTATIONS)
