"""The CNCF's form: one layer with the bare module, for wkg and runtimes of WebAssembly.

Source: CNCF, "Wasm OCI Artifact layout"; ``wasip1`` is what it prescribes for core modules. No
Proxy-Wasm gateway loads it.
"""

from collections.abc import Mapping

from wasmctl.oci.annotations import CREATED
from wasmctl.oci.evidence import CNCF_WASM
from wasmctl.oci.image import Image, make_blob, make_image
from wasmctl.oci.manifest import TITLE, Manifest, compact_json
from wasmctl.oci.module_file import ModuleFile
from wasmctl.oci.variants import layer

_CONFIG = "application/vnd.wasm.config.v0+json"


def pack(module: ModuleFile, annotations: Mapping[str, str]) -> Image:
    """Make the image."""
    layer.check_size(module)
    blob = make_blob(CNCF_WASM, module.content(), {TITLE: "plugin.wasm"})
    config = make_blob(_CONFIG, _config(module, annotations))
    manifest = Manifest(
        config=config.descriptor, layers=(blob.descriptor,), annotations=annotations
    )
    return make_image(manifest, blob, config, consumers=("wkg",), module=module)


def _config(module: ModuleFile, annotations: Mapping[str, str]) -> bytes:
    return compact_json(
        {
            "created": annotations[CREATED],
            "architecture": "wasm",
            "os": "wasip1",
            "layerDigests": [module.digest],
        }
    )
