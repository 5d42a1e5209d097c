"""Images on their way from one store to another, byte for byte: the digest stays."""

from functools import partial

from wasmctl.oci import archive, index, manifest
from wasmctl.oci.digests import digest_of
from wasmctl.oci.image import Blob, DistantPart, Image, Part
from wasmctl.oci.manifest import Descriptor
from wasmctl.oci.store import Source
from wasmctl.oci.stream import whole


def image_in(store: Source, selector: str) -> Image:
    """Return a stored image or index as one to be stored elsewhere.

    Its blobs are fetched when they are asked for. Raises ImageRefusedError for what is malformed
    or larger than any plugin's, and what the store raises.
    """
    content = store.manifest(selector)
    entries = index.parse(content)
    if entries is None:
        parts = _parts(store, content)
        media_type = manifest.parse(content).media_type
    else:
        parts = [part for entry in entries for part in _child(store, entry.descriptor)]
        media_type = str(manifest.json_object(content).get("mediaType") or manifest.OCI_INDEX)
    return Image(manifest=_blob(media_type, content), blobs=_once(parts))


def _child(store: Source, named: Descriptor) -> list[Part]:
    content = store.manifest(named.digest)
    return [*_parts(store, content), _blob(manifest.parse(content).media_type, content)]


def _parts(store: Source, content: bytes) -> list[Part]:
    image = manifest.parse(content)
    for descriptor in (*image.layers, image.config):
        archive.check_size(descriptor.size)
    return [
        DistantPart(descriptor=each, fetch=partial(store.read, each, whole))
        for each in (*image.layers, image.config)
    ]


def _blob(media_type: str, content: bytes) -> Blob:
    descriptor = Descriptor(media_type=media_type, digest=digest_of(content), size=len(content))
    return Blob(descriptor=descriptor, content=content)


def _once(parts: list[Part]) -> tuple[Part, ...]:
    return tuple({part.descriptor.digest: part for part in parts}.values())
