"""The shapes of a plugin as an image: how each is made, recognised and opened."""

from collections.abc import Callable, Mapping
from typing import Protocol

from wasmctl.oci.image import Image
from wasmctl.oci.manifest import Descriptor, Manifest
from wasmctl.oci.variants import compat
from wasmctl.plugin import Plugin


class Variant(Protocol):
    """One shape; its module offers these three functions."""

    def pack(self, plugin: Plugin, annotations: Mapping[str, str]) -> Image:
        """Make the image; the same plugin and annotations give the same bytes."""

    def accepts(self, manifest: Manifest) -> bool:
        """Whether an image has this shape."""

    def unpack(self, manifest: Manifest, blob: Callable[[Descriptor], bytes]) -> bytes:
        """Return the module in an image of this shape; ``blob`` fetches and checks a part.

        Raises ImageRefusedError where the parts are not what the shape promises.
        """


VARIANTS: dict[str, Variant] = {
    "compat": compat,
}
