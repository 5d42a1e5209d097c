"""Solo's two-layer artifact: the bare module, and a small file that says what it is.

Source: solo-io/wasm ``spec/spec.md`` ("oci" variant); Istio ``extractOCIArtifactImage`` asks for
exactly these two layers. No container engine loads it.
"""

from collections.abc import Mapping

from wasmctl.oci.annotations import VARIANT
from wasmctl.oci.consumers import GATEWAYS
from wasmctl.oci.evidence import SOLO_WASM
from wasmctl.oci.image import Image, make_blob, make_image
from wasmctl.oci.manifest import OCI_EMPTY, TITLE, Manifest, compact_json
from wasmctl.oci.module_file import ModuleFile
from wasmctl.oci.variants import layer

_CONFIG = "application/vnd.module.wasm.config.v1+json"


def pack(module: ModuleFile, annotations: Mapping[str, str]) -> Image:
    """Make the image."""
    layer.check_size(module)
    runtime = make_blob(_CONFIG, _runtime_config(module), {TITLE: "runtime-config.json"})
    blob = make_blob(SOLO_WASM, module.content(), {TITLE: "plugin.wasm"})
    config = make_blob(OCI_EMPTY, b"{}")
    manifest = Manifest(
        config=config.descriptor,
        layers=(runtime.descriptor, blob.descriptor),
        annotations={**annotations, VARIANT: "oci"},
        artifact_type=_CONFIG,
    )
    return make_image(manifest, runtime, blob, config, consumers=GATEWAYS, module=module)


def _runtime_config(module: ModuleFile) -> bytes:
    return compact_json(
        {
            "type": "envoy_proxy",
            "abiVersions": [module.abi_version.value],
            "config": {"root_ids": [""]},
        }
    )
