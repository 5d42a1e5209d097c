"""The shapes in which a plugin is pushed as an image."""

from collections.abc import Mapping
from typing import Protocol

from wasmctl.oci.image import Image
from wasmctl.oci.module_file import ModuleFile
from wasmctl.oci.variants import artifact, compat, docker, higress, wasm


class Variant(Protocol):
    """One shape; its module offers this function."""

    def pack(self, module: ModuleFile, annotations: Mapping[str, str]) -> Image:
        """Make the image; the same module and annotations give the same bytes.

        Raises ImageRefusedError for a module that gateways refuse for its size.
        """


VARIANTS: dict[str, Variant] = {
    "compat": compat,
    "docker": docker,
    "artifact": artifact,
    "higress": higress,
    "wasm": wasm,
}
