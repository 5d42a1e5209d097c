"""An image to be stored: its manifest, and every part it names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from wasmctl.oci.digests import digest_of
from wasmctl.oci.manifest import Descriptor, Manifest, to_json
from wasmctl.oci.module_file import ModuleFile


class Part(Protocol):
    """Some bytes that an image names; a layer, a configuration, a manifest of an index."""

    @property
    def descriptor(self) -> Descriptor:
        """What names them."""

    @property
    def content(self) -> bytes:
        """The bytes."""


@dataclass(frozen=True, kw_only=True)
class Blob:
    """A part in memory."""

    descriptor: Descriptor
    content: bytes


@dataclass(frozen=True, kw_only=True)
class DistantPart:
    """A part that is fetched each time its content is asked for, so that few are in memory."""

    descriptor: Descriptor
    fetch: Callable[[], bytes]

    @property
    def content(self) -> bytes:
        """The bytes."""
        return self.fetch()


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image ready to be stored.

    Attributes:
        manifest: the blob whose digest is the image's.
        blobs: the parts in the order in which they are stored.
        consumers: who must be able to load it, by their names in ``consumers.CONSUMERS``.
        plugin_digest: the module in it that is known to be a plugin, if there is one.

    """

    manifest: Blob
    blobs: tuple[Part, ...]
    consumers: tuple[str, ...] = ()
    plugin_digest: str = ""


def make_blob(
    media_type: str, content: bytes, annotations: Mapping[str, str] | None = None
) -> Blob:
    """Give some bytes their descriptor."""
    return Blob(
        descriptor=Descriptor(
            media_type=media_type,
            digest=digest_of(content),
            size=len(content),
            annotations=annotations or {},
        ),
        content=content,
    )


def make_image(
    manifest: Manifest,
    *blobs: Part,
    consumers: tuple[str, ...] = (),
    module: ModuleFile | None = None,
) -> Image:
    """Put an image together from its manifest and the blobs it names."""
    return Image(
        manifest=make_blob(manifest.media_type, to_json(manifest)),
        blobs=blobs,
        consumers=consumers,
        plugin_digest=module.digest if module else "",
    )
