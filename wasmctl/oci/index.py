"""Image indexes: lists of images, one a platform, and which of them is taken.

Source: OCI image specification, "Image Index". Gateways fetch with go-containerregistry, which
takes the first image for linux/amd64 on every machine, and counts one without a platform as such
(``pkg/v1/remote/index.go``, ``childByPlatform``).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from wasmctl.errors import ImageRefusedError
from wasmctl.oci.manifest import (
    INDEXES,
    Descriptor,
    MalformedError,
    descriptor,
    entries,
    json_object,
    refused,
)
from wasmctl.oci.strangers import printable

_DEFAULT_PLATFORM = "linux/amd64"
_UNKNOWN = "unknown/unknown"  # what BuildKit calls the platform of an attestation


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One image of an index; ``platform`` is OS/ARCHITECTURE, or empty where it names none."""

    descriptor: Descriptor
    platform: str = ""


def parse(content: bytes) -> tuple[Entry, ...] | None:
    """Read an index, or return None for a document that is none.

    Raises ImageRefusedError where it is malformed.
    """
    try:
        document = json_object(content)
        if str(document.get("mediaType")) not in INDEXES and "manifests" not in document:
            return None
        return tuple(
            _entry(entry, f"manifests[{number}]")
            for number, entry in enumerate(entries(document, "manifests"))
        )
    except MalformedError as error:
        raise refused(error) from error


def _entry(value: object, where: str) -> Entry:
    found = descriptor(value, where)
    platform = value.get("platform") if isinstance(value, Mapping) else None
    if platform is None:
        return Entry(descriptor=found)
    if not isinstance(platform, Mapping):
        raise MalformedError(f"{where}.platform is not an object")
    return Entry(descriptor=found, platform=f"{platform.get('os')}/{platform.get('architecture')}")


def gateways_choice(listed: tuple[Entry, ...]) -> Entry | None:
    """Return the entry that gateways load, or None where they refuse the index."""
    found = (
        entry for entry in listed if (entry.platform or _DEFAULT_PLATFORM) == _DEFAULT_PLATFORM
    )
    return next(found, None)


def best_choice(listed: tuple[Entry, ...]) -> Entry:
    """Return the entry to pull: the gateways' one, else one for WebAssembly, else the only one.

    Raises ImageRefusedError where there is none of them.
    """
    for_wasm = (entry for entry in listed if entry.platform.endswith("/wasm"))
    images = [entry for entry in listed if entry.platform != _UNKNOWN]
    found = gateways_choice(listed) or next(for_wasm, None)
    if found or len(images) == 1:
        return found or images[0]
    raise ImageRefusedError(
        f"the image index offers {platforms(listed)}: none of them is what a gateway loads",
        hint="name one image of the list by its digest: REPOSITORY@sha256:…",
    )


def platforms(listed: tuple[Entry, ...]) -> str:
    """Return the platforms of an index, for people."""
    names = ", ".join(entry.platform or "no platform" for entry in listed)
    return printable(names) or "nothing"
