"""Higress' own plugins: metadata first, the module's tar+gzip layer last.

Source: Higress, "Wasm plugin image specification". Its gateways read the last layer; the two in
front are for consoles. Container engines refuse it.
"""

import json
from collections.abc import Mapping

from wasmctl.oci.annotations import VARIANT
from wasmctl.oci.consumers import GATEWAYS
from wasmctl.oci.image import Image, make_blob, make_image
from wasmctl.oci.manifest import OCI_EMPTY, OCI_TAR_GZIP, TITLE, Manifest
from wasmctl.oci.module_file import ModuleFile
from wasmctl.oci.variants import layer

_SPEC = "application/vnd.module.wasm.spec.v1+yaml"
_README = "application/vnd.module.wasm.doc.v1+markdown"


def pack(module: ModuleFile, annotations: Mapping[str, str]) -> Image:
    """Make the image."""
    spec = make_blob(_SPEC, _spec(annotations).encode(), {TITLE: "spec.yaml"})
    readme = make_blob(_README, _readme(annotations).encode(), {TITLE: "README.md"})
    compressed, _ = layer.pack(module)
    blob = make_blob(OCI_TAR_GZIP, compressed, {TITLE: "plugin.tar.gz"})
    config = make_blob(OCI_EMPTY, b"{}")
    manifest = Manifest(
        config=config.descriptor,
        layers=(spec.descriptor, readme.descriptor, blob.descriptor),
        annotations={**annotations, VARIANT: "higress"},
    )
    return make_image(manifest, spec, readme, blob, config, consumers=GATEWAYS, module=module)


def _spec(annotations: Mapping[str, str]) -> str:
    # JSON strings are YAML strings too, whatever is in them.
    title, version = (_quoted(annotations, key) for key in ("title", "version"))
    description = _quoted(annotations, "description")
    return (
        "apiVersion: 1.0.0\n"
        f"info:\n  name: {title}\n  title: {title}\n  version: {version}\n"
        f"  description: {description}\n"
        "spec:\n  phase: UNSPECIFIED_PHASE\n  priority: 0\n"
    )


def _quoted(annotations: Mapping[str, str], key: str) -> str:
    return json.dumps(annotations.get(f"org.opencontainers.image.{key}", ""), ensure_ascii=False)


def _readme(annotations: Mapping[str, str]) -> str:
    title, text = (
        annotations.get(f"org.opencontainers.image.{key}", "") for key in ("title", "description")
    )
    return f"# {title}\n\n{text}\n"
