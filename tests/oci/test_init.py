import io
import json
import tarfile
import zlib
from pathlib import Path

import pytest

from tests.oci.samples import image_of, plugin_bytes
from wasmctl import oci
from wasmctl.errors import ImageRefusedError, NotAPluginError
from wasmctl.oci.image import Image, make_blob, make_image
from wasmctl.oci.manifest import OCI_CONFIG, Manifest, parse
from wasmctl.oci.reference import LayoutRef


def _push(folder: Path, image: Image) -> LayoutRef:
    reference = LayoutRef(folder=folder, tag="1")
    oci.push(image, reference)
    return reference


def test_the_image_tells_the_digest_of_the_module_in_it(tmp_path: Path, image: Image) -> None:
    announced = json.loads(image.manifest.content)["annotations"]["dev.wasmctl.module.digest"]

    pulled = oci.pull(_push(tmp_path / "layout", image))

    assert pulled.module.digest == announced


def test_a_module_that_is_not_the_announced_one_is_refused(tmp_path: Path, image: Image) -> None:
    other = image_of(tmp_path / "other", "other")
    manifest = parse(image.manifest.content)
    layers = parse(other.manifest.content).layers
    mixed = Manifest(config=manifest.config, layers=layers, annotations=manifest.annotations)

    reference = _push(tmp_path / "layout", make_image(mixed, *other.blobs, *image.blobs))

    with pytest.raises(ImageRefusedError, match="its annotation says sha256:"):
        oci.pull(reference)


def test_an_image_in_an_unknown_shape_is_refused_with_its_layers(tmp_path: Path) -> None:
    config, layer = make_blob(OCI_CONFIG, b"{}"), make_blob("text/plain", plugin_bytes())
    manifest = Manifest(config=config.descriptor, layers=(layer.descriptor,))

    reference = _push(tmp_path / "layout", make_image(manifest, config, layer))

    with pytest.raises(ImageRefusedError, match="its layers are: text/plain"):
        oci.pull(reference)


def test_what_is_not_wasm_does_not_come_out_of_an_image(tmp_path: Path, image: Image) -> None:
    manifest = parse(image.manifest.content)
    layer = make_blob(manifest.layers[0].media_type, _layer_without_wasm())
    changed = Manifest(config=manifest.config, layers=(layer.descriptor,))

    reference = _push(tmp_path / "layout", make_image(changed, layer, image.blobs[1]))

    with pytest.raises(NotAPluginError):
        oci.pull(reference)


def _layer_without_wasm() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("plugin.wasm")
        member.size = 4
        archive.addfile(member, io.BytesIO(b"text"))
    return buffer.getvalue()


def test_the_configuration_is_the_same_on_every_machine(image: Image) -> None:
    digest = parse(image.manifest.content).config.digest

    assert digest == "sha256:c12b201dc243553d3ba98ffe4e0cd5646d751b398b4c6b10e90aa1825b6620b6"


@pytest.mark.skipif("ng" in zlib.ZLIB_RUNTIME_VERSION, reason="zlib-ng compresses differently")
def test_the_image_is_the_same_wherever_zlib_is(image: Image) -> None:
    digest = image.manifest.descriptor.digest

    assert digest == "sha256:f2754ba563391aa322460240797fc66d25acffa7d5ada9c2bd04067233623e0f"
