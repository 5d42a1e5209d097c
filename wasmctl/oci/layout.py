"""Images in an OCI image layout: a folder that holds what a registry would.

Source: OCI image specification, "Image Layout". Blobs lie under their digests; ``index.json``
names the images by tag. It is written last and whole, so an interrupted push leaves at most blobs
that no tag names. What other programs put into the folder stays as it is.
"""

import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from wasmctl import files
from wasmctl.errors import FilesError, ImageRefusedError
from wasmctl.oci.digests import is_digest, shortened
from wasmctl.oci.image import Image, Part
from wasmctl.oci.manifest import (
    MAX_MANIFEST_SIZE,
    OCI_INDEX,
    Descriptor,
    MalformedError,
    compact_json,
    descriptor,
    descriptor_fields,
    entries,
    json_object,
)
from wasmctl.oci.store import OnProgress
from wasmctl.oci.stream import CHUNK, BlobStream, Readable, taken, whole

_Taken = TypeVar("_Taken")

_MARKER = "oci-layout"
_VERSION = {"imageLayoutVersion": "1.0.0"}
_INDEX = "index.json"
_LOCK = ".wasmctl.lock"
_REF_NAME = "org.opencontainers.image.ref.name"


class Layout:
    """The images in one folder."""

    def __init__(self, folder: Path, on_progress: OnProgress) -> None:
        self._folder = folder
        self._on_progress = on_progress

    def push(self, image: Image, tag: str) -> None:
        """Add an image under a tag; what had the tag loses it.

        A folder that is missing or empty becomes a layout. Another push to it waits.

        Raises FilesError where the folder holds something else, is damaged or cannot be written.
        """
        self._check_usable()
        with files.locked(self._folder / _LOCK, on_wait=self._say_waiting):
            self._begin()
            for blob in (*image.blobs, image.manifest):
                self._add(blob)
            self._on_progress(f"{tag}: writing the index")
            self._name(image.manifest.descriptor, tag)

    def manifest(self, selector: str) -> bytes:
        """Return the manifest that a tag or digest names.

        Raises FilesError where the layout is damaged or has no such image, ImageRefusedError
        where the bytes are not those that the digest names.
        """
        self._check_marker()
        found = self._find(selector)
        if found.size > MAX_MANIFEST_SIZE:
            raise self._damaged(f"{_INDEX} names a manifest of {found.size:,} bytes")
        return self.read(found, whole)

    def digest(self, tag: str) -> str | None:
        """Return the digest of the image under a tag, or None where there is none.

        Raises FilesError where the layout is damaged.
        """
        if _size(self._folder / _INDEX) is None:
            return None
        named = (entry for entry in self._entries() if entry.annotations.get(_REF_NAME) == tag)
        found = next(named, None)
        return found.digest if found else None

    def tags(self) -> list[str]:
        """Return the tags in the index's order; raises FilesError where the layout is damaged."""
        self._check_marker()
        named = (entry.annotations.get(_REF_NAME) for entry in self._entries())
        return [tag for tag in named if tag]

    def read(self, descriptor: Descriptor, take: Callable[[Readable], _Taken]) -> _Taken:
        """Return what ``take`` makes of the bytes that a descriptor names.

        Raises as ``manifest`` does.
        """
        path = self._path(descriptor)
        size = _size(path)
        if size is None:
            raise self._damaged(f"{descriptor.digest} is missing")
        if size != descriptor.size:  # known before a file of any size is read
            raise ImageRefusedError(
                f"{path} has {size} bytes where {descriptor.size} belong",
                hint="the stored image is damaged: do not use it, push it again",
            )
        return taken(BlobStream(_chunks(path), descriptor, str(path)), take)

    def _path(self, descriptor: Descriptor) -> Path:
        return self._blob_path(descriptor.digest)

    def _blob_path(self, digest: str) -> Path:
        return self._folder / "blobs" / digest.replace(":", "/")

    def _say_waiting(self) -> None:
        self._on_progress(f"{self._folder}: waiting for another push to end")

    def _check_usable(self) -> None:
        """Refuse a folder of somebody else's, before anything is written into it."""
        try:
            names = {path.name for path in self._folder.iterdir()}
        except FileNotFoundError:
            return
        except OSError as error:
            raise files.refusal(error, "use", self._folder) from error
        if _MARKER not in names and any(not name.startswith(".") for name in names):
            raise FilesError(
                f"{self._folder} is neither empty nor an OCI image layout",
                hint="name a new folder, or one that was made by an earlier push",
            )

    def _begin(self) -> None:
        if _size(self._folder / _MARKER) is not None:
            self._check_marker()
        else:
            files.write(self._folder / _MARKER, compact_json(_VERSION))

    def _check_marker(self) -> None:
        path = self._folder / _MARKER
        if _size(path) is None:
            raise FilesError(
                f"{self._folder} is not an OCI image layout: it has no file {_MARKER}",
                hint="name the folder that was pushed to",
            )
        if self._read(path).get("imageLayoutVersion") != _VERSION["imageLayoutVersion"]:
            raise self._damaged(f"{_MARKER} does not say version 1.0.0")

    def _add(self, blob: Part) -> None:
        path, name = self._path(blob.descriptor), shortened(blob.descriptor.digest)
        if _size(path) == blob.descriptor.size and _holds(path, blob.descriptor):
            self._on_progress(f"{name}: already there")
        else:
            self._on_progress(f"{name}: writing {blob.descriptor.size:,} bytes")
            files.write(path, blob.content)

    def _name(self, image: Descriptor, tag: str) -> None:
        index = self._index() if _size(self._folder / _INDEX) is not None else _empty_index()
        kept = [entry for entry in entries(index, "manifests") if _tag_of(entry) != tag]
        entry = {**descriptor_fields(image), "annotations": {_REF_NAME: tag}}
        files.write(self._folder / _INDEX, compact_json({**index, "manifests": [*kept, entry]}))

    def _index(self) -> dict[str, object]:
        index = self._read(self._folder / _INDEX)
        try:
            entries(index, "manifests")
        except MalformedError as error:
            raise self._damaged(f"{_INDEX}: {error}") from error
        return index

    def _entries(self) -> list[Descriptor]:
        try:
            listed = enumerate(entries(self._index(), "manifests"))
            return [descriptor(entry, f"manifests[{number}]") for number, entry in listed]
        except MalformedError as error:
            raise self._damaged(f"{_INDEX}: {error}") from error

    def _find(self, selector: str) -> Descriptor:
        """Return what names the manifest under a tag or digest.

        A manifest that an index of images lists is found by its digest alone: only top ones stand
        in the layout's own index.
        """
        listed = self._entries()
        for found in listed:
            if selector in {found.digest, found.annotations.get(_REF_NAME)}:
                return found
        if is_digest(selector):
            size = _size(self._blob_path(selector))
            if size is not None:
                return Descriptor(media_type="", digest=selector, size=size)
        tags = (found.annotations.get(_REF_NAME) for found in listed)
        raise self._no_image(selector, [tag for tag in tags if tag])

    def _no_image(self, selector: str, tags: list[str]) -> FilesError:
        known = f"its tags are {', '.join(sorted(tags))}" if tags else "it has no tags yet"
        kind = "image" if is_digest(selector) else "tag"
        return FilesError(
            f"{self._folder} has no {kind} {selector}", hint=f"name another one: {known}"
        )

    def _read(self, path: Path) -> dict[str, object]:
        if _size(path) is None:
            raise self._damaged(f"{path.name} is missing")
        try:
            return json_object(files.read(path))
        except MalformedError as error:
            raise self._damaged(f"{path.name}: {error}") from error

    def _damaged(self, what: str) -> FilesError:
        return FilesError(
            f"{self._folder} is a damaged OCI image layout: {what}",
            hint="push the image to a new folder, or copy the layout again from its source",
        )


def _size(path: Path) -> int | None:
    """Return the size of a regular file, or None where there is none.

    Raises FilesError where the system does not tell.
    """
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise files.refusal(error, "read", path) from error
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        raise files.refusal(error, "read", path) from error


def _holds(path: Path, descriptor: Descriptor) -> bool:
    stream = BlobStream(_chunks(path), descriptor, str(path))
    try:
        stream.check()
    except ImageRefusedError:
        return False
    return True


def _empty_index() -> dict[str, object]:
    return {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}


def _tag_of(entry: object) -> str | None:
    """Return the tag of an index entry, whatever else the entry holds."""
    annotations = entry.get("annotations") if isinstance(entry, dict) else None
    tag = annotations.get(_REF_NAME) if isinstance(annotations, dict) else None
    return tag if isinstance(tag, str) else None
