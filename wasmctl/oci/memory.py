"""An image that is not stored yet, read as if it were."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from wasmctl.errors import ImageRefusedError
from wasmctl.oci.image import Image
from wasmctl.oci.manifest import Descriptor
from wasmctl.oci.stream import Readable

_Taken = TypeVar("_Taken")


@dataclass(frozen=True, kw_only=True)
class Memory:
    """A store with one image, under every tag."""

    image: Image

    def manifest(self, selector: str) -> bytes:
        """Return the image's manifest."""
        del selector  # there is only one
        return self.image.manifest.content

    def read(self, descriptor: Descriptor, take: Callable[[Readable], _Taken]) -> _Taken:
        """Return what ``take`` makes of a part.

        Raises ImageRefusedError where the image has no such part.
        """
        for part in self.image.blobs:
            if part.descriptor.digest == descriptor.digest:
                return take(io.BytesIO(part.content))
        raise ImageRefusedError(
            f"the image lacks its part {descriptor.digest}", hint="make the image again"
        )
