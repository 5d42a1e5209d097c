"""A place that keeps images: what registries and layouts on disk have in common."""

from collections.abc import Callable
from typing import Protocol

from wasmctl.oci.image import Image
from wasmctl.oci.manifest import Descriptor

# Takes a line of progress, for people; stores get theirs when they are opened.
OnProgress = Callable[[str], None]


class Store(Protocol):
    """The images of one repository, or of one layout.

    Whatever is read has been checked against its digest.
    """

    def push(self, image: Image, tag: str) -> None:
        """Store an image under a tag: its blobs first, so that the tag never names half of it."""

    def manifest(self, selector: str) -> bytes:
        """Return the manifest that a tag or digest names."""

    def blob(self, descriptor: Descriptor) -> bytes:
        """Return the bytes that a descriptor names."""
