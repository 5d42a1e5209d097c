"""A place that keeps images: what registries, layouts on disk and images in memory share."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from wasmctl.oci.image import Image
from wasmctl.oci.manifest import Descriptor
from wasmctl.oci.stream import Readable

# Takes a line of progress, for people; stores get theirs when they are opened.
OnProgress = Callable[[str], None]

# Takes the name of what is on its way, the bytes that have passed, and how many there are.
OnBytes = Callable[[str, int, int], None]

_Taken = TypeVar("_Taken")


def silent(_line: str) -> None:
    """Say nothing of progress."""


def uncounted(_name: str, _passed: int, _all: int) -> None:
    """Say nothing of bytes."""


class Source(Protocol):
    """What images are read from; whatever is read has been checked against its digest."""

    def manifest(self, selector: str) -> bytes:
        """Return the manifest that a tag or digest names."""

    def read(self, descriptor: Descriptor, take: Callable[[Readable], _Taken]) -> _Taken:
        """Return what ``take`` makes of the bytes that a descriptor names.

        It may be called again where the bytes stopped half-way.
        """


class Store(Source, Protocol):
    """The images of one repository, or of one layout."""

    def push(self, image: Image, tag: str) -> None:
        """Store an image under a tag: its parts first, so that the tag never names half of it."""

    def digest(self, tag: str) -> str | None:
        """Return the digest of the image under a tag, or None where there is none."""

    def tags(self) -> list[str]:
        """Return the tags, in the store's own order."""
