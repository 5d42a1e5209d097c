"""The gate: who loads an image, asked before it is pushed, after, and whenever a user wonders."""

from collections.abc import Iterable
from pathlib import Path

from wasmctl.errors import ImageRefusedError
from wasmctl.oci import annotations, consumers, evidence, module_file
from wasmctl.oci.access import Access
from wasmctl.oci.consumers import Verdict
from wasmctl.oci.evidence import Evidence
from wasmctl.oci.image import Image
from wasmctl.oci.memory import Memory
from wasmctl.oci.opening import opened
from wasmctl.oci.reference import Reference
from wasmctl.oci.store import OnProgress, silent
from wasmctl.oci.variants import VARIANTS


def judge(found: Evidence, names: Iterable[str] = consumers.HOSTS) -> tuple[Verdict, ...]:
    """Return the verdicts of consumers, by their names in ``consumers.CONSUMERS``."""
    return tuple(consumers.judge(found, name) for name in names)


def check(verdicts: Iterable[Verdict]) -> None:
    """Raise ImageRefusedError with what the first consumer that refuses has to say."""
    refusals = [f"{each.title}: {each.reason}" for each in verdicts if not each.accepts]
    if refusals:
        raise ImageRefusedError(
            f"the image would be refused by {refusals[0]}",
            hint="`wasmctl verify` shows the verdict of every consumer",
            details=tuple(refusals[1:]),
        )


def check_image(image: Image) -> Evidence:
    """Refuse an image that those it is made for would refuse; return what it was judged by.

    Raises ImageRefusedError.
    """
    found = _evidence_of(image)
    check(judge(found, image.consumers))
    return found


def _evidence_of(image: Image) -> Evidence:
    return evidence.gather(Memory(image=image), "", plugin_digest=image.plugin_digest)


def examine(
    target: Reference | Path,
    *,
    access: Access = Access(),  # noqa: B008 - a frozen value
    on_progress: OnProgress = silent,
) -> Evidence:
    """Read a stored image whole, or the default image of the module in a file.

    Raises ImageRefusedError where the image is malformed or damaged, FilesError where the file
    cannot be read, NotAPluginError where it is no plugin, and what the store raises.
    """
    if isinstance(target, Path):
        module = module_file.opened(target)
        return _evidence_of(VARIANTS["compat"].pack(module, {annotations.CREATED: ""}))
    with opened(target, access, on_progress) as store:
        return evidence.gather(store, target.digest or target.tag or "")
