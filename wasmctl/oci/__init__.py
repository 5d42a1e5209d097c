"""Plugins as OCI images: made from a project, pushed, pulled, copied, listed."""

import dataclasses
import re
from dataclasses import dataclass

from wasmctl import module
from wasmctl.errors import FilesError, ImageRefusedError
from wasmctl.module import Module
from wasmctl.oci import (
    annotations,
    consumers,
    copying,
    digests,
    evidence,
    gate,
    index,
    module_file,
    overwriting,
    unpack,
)
from wasmctl.oci.access import Access
from wasmctl.oci.evidence import Evidence
from wasmctl.oci.image import Image
from wasmctl.oci.manifest import Descriptor, Manifest, parse
from wasmctl.oci.module_file import ModuleFile
from wasmctl.oci.opening import opened
from wasmctl.oci.overwriting import Overwrite
from wasmctl.oci.reference import Reference, tag_to_push
from wasmctl.oci.store import OnBytes, OnProgress, Source, Store, silent, uncounted
from wasmctl.oci.variants import VARIANTS
from wasmctl.project import Project


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """A plugin's module out of an image, and the digest of the manifest that named it."""

    content: bytes
    module: Module
    image_digest: str


def make(project: Project, variant: str = "compat") -> Image:
    """Make the image of a project's built plugin.

    Raises FilesError where nothing is built, NotAPluginError where it is no plugin.
    """
    built = _built(project)
    return VARIANTS[variant].pack(built, annotations.describe(project, built))


def _built(project: Project) -> ModuleFile:
    try:
        return module_file.opened(project.output)
    except FilesError as error:
        if not isinstance(error.__cause__, FileNotFoundError):
            raise
        raise FilesError(
            f"nothing to push: {project.output} does not exist", hint="run `wasmctl build` first"
        ) from error


def check_tag(
    image: Image,
    reference: Reference,
    overwrite: Overwrite = Overwrite.FLOATING,
    access: Access = Access(),  # noqa: B008 - a frozen value
) -> None:
    """Refuse a push to a place where it would fail at once, or move a tag that must stay.

    Raises UsageError, ImageRefusedError, and what the store raises.
    """
    tag_to_push(reference)
    with opened(reference, access) as store:
        overwriting.check(store, reference, image.manifest.descriptor.digest, overwrite)


def push(
    image: Image,
    reference: Reference,
    *,
    overwrite: Overwrite = Overwrite.FLOATING,
    access: Access = Access(),  # noqa: B008 - a frozen value
    on_progress: OnProgress = silent,
    on_bytes: OnBytes = uncounted,
) -> Descriptor:
    """Store an image under a tag, read it back whole, and return what names it.

    Those it is made for must be able to load it, before it is stored and as it is read back.

    Raises UsageError for a reference without a tag or with a digest, ImageRefusedError where one
    of them refuses it or its tag must stay, and what the store raises.
    """
    tag = tag_to_push(reference)
    judged = gate.check_image(image)
    with opened(reference, access, on_progress, on_bytes) as store:
        overwriting.check(store, reference, image.manifest.descriptor.digest, overwrite)
        store.push(image, tag)
        on_progress(f"{tag}: reading back")
        _check_stored(store, image, reference, judged)
    return image.manifest.descriptor


def _check_stored(store: Store, image: Image, reference: Reference, judged: Evidence) -> None:
    tag = reference.tag or ""
    if store.manifest(tag) != image.manifest.content:
        raise ImageRefusedError(
            f"{reference} names another image than the one just pushed",
            hint="somebody else may push to that tag at the same time: push again, alone",
        )
    stored = evidence.gather(store, tag, plugin_digest=image.plugin_digest, known=judged.layers)
    gate.check(gate.judge(stored, image.consumers))


def copy(
    source: Reference,
    target: Reference,
    *,
    names: tuple[str, ...] = consumers.GATEWAYS,
    overwrite: Overwrite = Overwrite.FLOATING,
    access: Access = Access(),  # noqa: B008 - a frozen value
    target_access: Access | None = None,
    on_progress: OnProgress = silent,
    on_bytes: OnBytes = uncounted,
) -> Descriptor:
    """Copy an image or an index, byte for byte, if the named consumers load it.

    ``access`` is for both places, where the target has none of its own. Raises what ``push`` does.
    """
    tag_to_push(target)
    with opened(source, access, on_progress, on_bytes) as store:
        selector = source.digest or source.tag or ""
        on_progress(f"{source}: reading")
        found = evidence.gather(store, selector)
        # It will be asked for by its new tag; by which digest it was found is no matter.
        gate.check(gate.judge(dataclasses.replace(found, is_pinned=False), names))
        image = dataclasses.replace(copying.image_in(store, found.digest), consumers=names)
        with opened(target, target_access or access, on_progress, on_bytes) as destination:
            overwriting.check(destination, target, found.digest, overwrite)
            destination.push(image, target.tag or "")
            on_progress(f"{target.tag}: reading back")
            _check_stored(destination, image, target, found)
    return image.manifest.descriptor


def tags(
    repository: Reference,
    *,
    access: Access = Access(),  # noqa: B008 - a frozen value
    on_progress: OnProgress = silent,
) -> list[str]:
    """Return the tags of a repository or layout, versions in their order; raises as a store does.

    Tags that only keep signatures and the like beside an image are left out.
    """
    with opened(repository, access, on_progress) as store:
        return sorted(filter(_is_an_images, store.tags()), key=_natural)


def _is_an_images(tag: str) -> bool:
    return not re.match("sha256-[0-9a-f]{64}", tag)


def _natural(tag: str) -> list[tuple[int, int | str]]:
    """Return a key that puts 1.10.0 behind 1.9.0, and digits before letters."""
    parts = re.findall("[0-9]+|[^0-9]+", tag)
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts]


def pull(
    reference: Reference,
    *,
    expected_digest: str = "",
    access: Access = Access(),  # noqa: B008 - a frozen value
    on_progress: OnProgress = silent,
    on_bytes: OnBytes = uncounted,
) -> Pulled:
    """Fetch the module in an image; every part is checked against its digest.

    Raises ImageRefusedError where the image is no plugin's, is damaged or is not the expected
    one, NotAPluginError where what is in it is no WebAssembly, and what the store raises.
    """
    with opened(reference, access, on_progress, on_bytes) as store:
        content = store.manifest(reference.digest or reference.tag or "")
        named = digests.digest_of(content)
        content = _image_in(store, content)
        _check_expected(expected_digest, {named, digests.digest_of(content)}, reference)
        manifest = parse(content)
        unpacked = unpack.module_of(store, manifest)
    read = module.parse(unpacked)
    _check_announced(manifest, read)
    if not unpack.is_loaded_by_gateways(manifest):
        on_progress("no gateway loads an image of this form: `wasmctl verify` says why")
    return Pulled(content=unpacked, module=read, image_digest=named)


def _image_in(store: Source, content: bytes) -> bytes:
    entries = index.parse(content)
    if entries is None:
        return content
    return store.manifest(index.best_choice(entries).descriptor.digest)


def _check_expected(expected: str, found: set[str], reference: Reference) -> None:
    if expected and expected not in found:
        raise ImageRefusedError(
            f"{reference} is {' or '.join(sorted(found))}, not {expected}",
            hint="the tag was moved, or the expected digest is another image's: do not use it",
        )


def _check_announced(manifest: Manifest, read: Module) -> None:
    announced = manifest.annotations.get(annotations.MODULE_DIGEST, read.digest)
    if announced != read.digest:
        raise ImageRefusedError(
            f"the module in the image is {read.digest}, its annotation says {announced}",
            hint="the image was put together from two builds: push the plugin again",
        )
