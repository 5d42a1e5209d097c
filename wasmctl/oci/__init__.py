"""Plugins as OCI images: made from a project, judged, pushed, pulled, copied."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from wasmctl import module
from wasmctl.errors import FilesError, ImageRefusedError, UsageError
from wasmctl.module import Module
from wasmctl.oci import annotations, consumers, digests, evidence, index, module_file, unpack
from wasmctl.oci.access import Access
from wasmctl.oci.consumers import Verdict
from wasmctl.oci.evidence import Evidence
from wasmctl.oci.image import Image
from wasmctl.oci.manifest import Descriptor, Manifest, parse
from wasmctl.oci.memory import Memory
from wasmctl.oci.module_file import ModuleFile
from wasmctl.oci.opening import opened
from wasmctl.oci.reference import Reference
from wasmctl.oci.store import OnProgress, Source
from wasmctl.oci.variants import VARIANTS
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


def push(
    image: Image,
    reference: Reference,
    *,
    access: Access = Access(),  # noqa: B008 - a frozen value
    on_progress: OnProgress = _silent,
) -> Descriptor:
    """Store an image under a tag, read it back whole, and return what names it.

    Those it is made for must be able to load it, before it is stored and as it is read back.

    Raises UsageError for a reference without a tag or with a digest, ImageRefusedError where one
    of them refuses it, and what the store raises.
    """
    tag = _tag_to_push(reference)
    check_accepted(judge(_evidence_of(image), image.consumers))
    with opened(reference, access, on_progress) as store:
        store.push(image, tag)
        on_progress(f"{tag}: reading back")
        if store.manifest(tag) != image.manifest.content:
            raise _replaced(reference)
        stored = evidence.gather(store, tag, plugin_digest=image.plugin_digest)
        check_accepted(judge(stored, image.consumers))
    return image.manifest.descriptor


def _tag_to_push(reference: Reference) -> str:
    if reference.digest or not reference.tag:
        raise UsageError(
            f"cannot push to {reference}: a push needs a tag, and makes the digest itself",
            hint="write the reference as REGISTRY/REPOSITORY:TAG or oci-layout:DIR:TAG",
        )
    return reference.tag


def _replaced(reference: Reference) -> ImageRefusedError:
    return ImageRefusedError(
        f"{reference} names another image than the one just pushed",
        hint="somebody else may push to that tag at the same time: push again, alone",
    )


def judge(found: Evidence, names: Iterable[str] = consumers.HOSTS) -> tuple[Verdict, ...]:
    """Return the verdicts of consumers, by their names in ``consumers.CONSUMERS``."""
    return tuple(consumers.judge(found, name) for name in names)


def check_accepted(verdicts: Iterable[Verdict]) -> None:
    """Raise ImageRefusedError with what the first consumer that refuses has to say."""
    refusals = [f"{each.title}: {each.reason}" for each in verdicts if not each.accepts]
    if refusals:
        raise ImageRefusedError(
            f"the image would be refused by {refusals[0]}",
            hint="`wasmctl verify` shows the verdict of every consumer",
            details=tuple(refusals[1:]),
        )


def examine(
    reference: Reference,
    *,
    access: Access = Access(),  # noqa: B008 - a frozen value
    on_progress: OnProgress = _silent,
) -> Evidence:
    """Read a stored image whole, for ``judge`` and for people; raises as ``pull`` does."""
    with opened(reference, access, on_progress) as store:
        return evidence.gather(store, reference.digest or reference.tag or "")


def examine_any(
    target: Reference | Path,
    *,
    access: Access = Access(),  # noqa: B008 - a frozen value
    on_progress: OnProgress = _silent,
) -> Evidence:
    """Examine a stored image, or the default image of the module in a file.

    Raises what ``examine`` does, FilesError where the file cannot be read, NotAPluginError where
    it is no plugin.
    """
    if not isinstance(target, Path):
        return examine(target, access=access, on_progress=on_progress)
    found = module_file.opened(target)
    return _evidence_of(VARIANTS["compat"].pack(found, {annotations.CREATED: ""}))


def _evidence_of(image: Image) -> Evidence:
    return evidence.gather(Memory(image=image), "", plugin_digest=image.plugin_digest)


def pull(
    reference: Reference,
    *,
    expected_digest: str = "",
    access: Access = Access(),  # noqa: B008 - a frozen value
    on_progress: OnProgress = _silent,
) -> Pulled:
    """Fetch the module in an image; every part is checked against its digest.

    Raises ImageRefusedError where the image is no plugin's, is damaged or is not the expected
    one, NotAPluginError where what is in it is no WebAssembly, and what the store raises.
    """
    with opened(reference, access, on_progress) as store:
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
