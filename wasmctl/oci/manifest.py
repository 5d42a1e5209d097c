"""Manifests and descriptors: how an image names its parts.

Source: OCI image specification, "Content Descriptors" and "Image Manifest". What is read may come
from anyone, so every field that is used is checked first; what is written has a fixed order of
keys, because the bytes are what the digest names.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from wasmctl.errors import ImageRefusedError
from wasmctl.oci.digests import is_digest

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_EMPTY = "application/vnd.oci.empty.v1+json"
OCI_TAR = "application/vnd.oci.image.layer.v1.tar"
OCI_TAR_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_TAR_GZIP = "application/vnd.docker.image.rootfs.diff.tar.gzip"

INDEXES = frozenset({OCI_INDEX, DOCKER_INDEX})
MANIFESTS = frozenset({OCI_MANIFEST, DOCKER_MANIFEST, *INDEXES})

TITLE = "org.opencontainers.image.title"

# What docker/distribution, and with it most registries, take as a manifest at all.
MAX_MANIFEST_SIZE = 4 * 1024 * 1024

_SCHEMA_VERSION = 2


class MalformedError(Exception):
    """A document is not what its specification says; the message names the field."""


@dataclass(frozen=True, kw_only=True)
class Descriptor:
    """What names some bytes: their type, digest and size."""

    media_type: str
    digest: str
    size: int
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """An image: its configuration and its layers, the first at the bottom."""

    config: Descriptor
    layers: tuple[Descriptor, ...]
    annotations: Mapping[str, str] = field(default_factory=dict)
    media_type: str = OCI_MANIFEST
    artifact_type: str = ""


def parse(content: bytes) -> Manifest:
    """Read a manifest.

    Raises ImageRefusedError where it is an index, something else, or malformed.
    """
    try:
        document = json_object(content)
        _check_kind(document)
        return Manifest(
            config=descriptor(document.get("config"), "config"),
            layers=tuple(
                descriptor(entry, f"layers[{number}]")
                for number, entry in enumerate(entries(document, "layers"))
            ),
            annotations=_annotations(document, "annotations"),
            media_type=str(document.get("mediaType", OCI_MANIFEST)),
            artifact_type=str(document.get("artifactType", "")),
        )
    except MalformedError as error:
        raise refused(error) from error


def refused(error: MalformedError) -> ImageRefusedError:
    """Return what to tell of an image whose manifest is malformed."""
    return ImageRefusedError(
        f"the image's manifest is malformed: {error}",
        hint="push the image again: no gateway can load it as it is",
    )


def _check_kind(document: Mapping[str, object]) -> None:
    media_type = document.get("mediaType", OCI_MANIFEST)
    if not isinstance(media_type, str):
        raise MalformedError("mediaType is not a string")
    if media_type in INDEXES or "manifests" in document:
        raise ImageRefusedError(
            "this is an image index, a list of images, not an image",
            hint="name one image of the list by its digest: REPOSITORY@sha256:…",
        )
    if media_type not in {OCI_MANIFEST, DOCKER_MANIFEST}:
        raise MalformedError(f"mediaType {media_type!r} is not an image manifest's")
    if document.get("schemaVersion") != _SCHEMA_VERSION:
        raise MalformedError(f"schemaVersion is not {_SCHEMA_VERSION}")


def json_object(content: bytes) -> dict[str, object]:
    """Read a JSON object.

    Raises MalformedError, also for nesting that no honest document has.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"not JSON ({error})") from error
    if not isinstance(document, dict):
        raise MalformedError("not a JSON object")
    return document


def entries(document: Mapping[str, object], name: str) -> list[object]:
    """Return a list field.

    Raises MalformedError where it is none.
    """
    found = document.get(name)
    if not isinstance(found, list):
        raise MalformedError(f"{name} is not a list")
    return found


def descriptor(value: object, where: str) -> Descriptor:
    """Read a descriptor from a document's field, which ``where`` names.

    Raises MalformedError.
    """
    if not isinstance(value, dict):
        raise MalformedError(f"{where} is not a descriptor")
    media_type, digest, size = (value.get(key) for key in ("mediaType", "digest", "size"))
    if not isinstance(media_type, str):
        raise MalformedError(f"{where}.mediaType is not a string")
    if not isinstance(digest, str) or not is_digest(digest):
        raise MalformedError(f"{where}.digest is not a sha256 digest")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise MalformedError(f"{where}.size is not a number of bytes")
    return Descriptor(
        media_type=media_type,
        digest=digest,
        size=size,
        annotations=_annotations(value, f"{where}.annotations"),
    )


def _annotations(document: Mapping[str, object], where: str) -> Mapping[str, str]:
    found = document.get("annotations") or {}
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise MalformedError(f"{where} does not map strings to strings")
    return found


def to_json(manifest: Manifest) -> bytes:
    """Return the manifest's bytes: compact, keys in the specification's order."""
    return compact_json(
        {
            "schemaVersion": _SCHEMA_VERSION,
            "mediaType": manifest.media_type,
            **({"artifactType": manifest.artifact_type} if manifest.artifact_type else {}),
            "config": descriptor_fields(manifest.config),
            "layers": [descriptor_fields(layer) for layer in manifest.layers],
            **_annotation_fields(manifest.annotations),
        }
    )


def descriptor_fields(found: Descriptor) -> dict[str, object]:
    """Return a descriptor as it stands in a document."""
    return {
        "mediaType": found.media_type,
        "digest": found.digest,
        "size": found.size,
        **_annotation_fields(found.annotations),
    }


def _annotation_fields(annotations: Mapping[str, str]) -> dict[str, object]:
    return {"annotations": dict(sorted(annotations.items()))} if annotations else {}


def compact_json(document: object) -> bytes:
    """Return a document without white space, its keys in the order given."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
