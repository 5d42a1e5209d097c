"""An image in memory: the bytes of its manifest, and those of every part it names."""

from collections.abc import Mapping
from dataclasses import dataclass

from wasmctl.oci.digests import digest_of
from wasmctl.oci.manifest import Descriptor, Manifest, to_json


@dataclass(frozen=True, kw_only=True)
class Blob:
    """Some bytes, and the descriptor that names them."""

    descriptor: Descriptor
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image ready to be pushed; ``manifest`` is the blob whose digest is the image's."""

    manifest: Blob
    blobs: tuple[Blob, ...]


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


def make_image(manifest: Manifest, *blobs: Blob) -> Image:
    """Put an image together from its manifest and the blobs it names."""
    return Image(manifest=make_blob(manifest.media_type, to_json(manifest)), blobs=blobs)
