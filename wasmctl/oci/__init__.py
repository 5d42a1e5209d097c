"""Plugins as OCI images: made from a project, pushed, pulled, checked on the way."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from wasmctl import module
from wasmctl import plugin as plugins
from wasmctl.errors import FilesError, ImageRefusedError, UsageError
from wasmctl.module import Module
from wasmctl.oci import annotations, digests
from wasmctl.oci.image import Image
from wasmctl.oci.layout import Layout
from wasmctl.oci.manifest import Descriptor, Manifest, parse
from wasmctl.oci.reference import ImageRef, LayoutRef, Reference
from wasmctl.oci.registry import Registry
from wasmctl.oci.store import OnProgress, Store
from wasmctl.oci.variants import VARIANTS, Variant
from wasmctl.plugin import Plugin
from wasmctl.project import Project


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """A plugin's module out of an image, and the digest of the manifest that named it."""

    content: bytes
    module: Module
    image_digest: str


def _silent(_line: str) -> None:
    pass


def make(project: Project, variant: str = "compat") -> Image:
    """Make the image of a project's built plugin.

    Raises FilesError where nothing is built, NotAPluginError where it is no plugin.
    """
    plugin = _built(project)
    return VARIANTS[variant].pack(plugin, annotations.describe(project, plugin))


def _built(project: Project) -> Plugin:
    try:
        return plugins.open_plugin(project.output)
    except FilesError as error:
        if not isinstance(error.__cause__, FileNotFoundError):
            raise
        raise FilesError(
            f"nothing to push: {project.output} does not exist", hint="run `wasmctl build` first"
        ) from error


def push(
    image: Image,
    reference: Reference,
    *,
    plain_http: bool = False,
    on_progress: OnProgress = _silent,
) -> Descriptor:
    """Store an image under a tag, read it back whole, and return what names it.

    Raises UsageError for a reference without a tag or with a digest, and what the store raises.
    """
    if reference.digest or not reference.tag:
        raise UsageError(
            f"cannot push to {reference}: a push needs a tag, and makes the digest itself",
            hint="write the reference as REGISTRY/REPOSITORY:TAG or oci-layout:DIR:TAG",
        )
    with _opened(reference, plain_http=plain_http, on_progress=on_progress) as store:
        store.push(image, reference.tag)
        on_progress(f"{reference.tag}: reading back")
        _check_stored(store, image, reference)
    return image.manifest.descriptor


def _check_stored(store: Store, image: Image, reference: Reference) -> None:
    if store.manifest(reference.tag or "") != image.manifest.content:
        raise ImageRefusedError(
            f"{reference} names another image than the one just pushed",
            hint="somebody else may push to that tag at the same time: push again, alone",
        )
    for blob in image.blobs:
        store.blob(blob.descriptor)


def pull(
    reference: Reference, *, plain_http: bool = False, on_progress: OnProgress = _silent
) -> Pulled:
    """Fetch the module in an image; every part is checked against its digest.

    Raises ImageRefusedError where the image is no plugin's or damaged, NotAPluginError where what
    is in it is no WebAssembly, and what the store raises.
    """
    with _opened(reference, plain_http=plain_http, on_progress=on_progress) as store:
        content = store.manifest(reference.digest or reference.tag or "")
        manifest = parse(content)
        unpacked = _variant_of(manifest).unpack(manifest, store.blob)
    read = module.parse(unpacked)
    _check_announced(manifest, read)
    return Pulled(content=unpacked, module=read, image_digest=digests.digest_of(content))


def _variant_of(manifest: Manifest) -> Variant:
    for variant in VARIANTS.values():
        if variant.accepts(manifest):
            return variant
    types = ", ".join(layer.media_type for layer in manifest.layers) or "none"
    raise ImageRefusedError(
        f"not a plugin's image in a shape that wasmctl reads; its layers are: {types}",
        hint="push the plugin with `wasmctl push`, whose images every gateway loads",
    )


def _check_announced(manifest: Manifest, read: Module) -> None:
    announced = manifest.annotations.get(annotations.MODULE_DIGEST, read.digest)
    if announced != read.digest:
        raise ImageRefusedError(
            f"the module in the image is {read.digest}, its annotation says {announced}",
            hint="the image was put together from two builds: push the plugin again",
        )


@contextlib.contextmanager
def _opened(reference: Reference, *, plain_http: bool, on_progress: OnProgress) -> Iterator[Store]:
    match reference:
        case LayoutRef():
            yield Layout(reference.folder, on_progress)
        case ImageRef():
            with contextlib.closing(
                Registry(reference, on_progress, plain_http=plain_http)
            ) as registry:
                yield registry
