"""Tags that already name an image: when a push may move them.

A version tag is a promise: people pin it, gateways cache it (Istio's IfNotPresent). So one that
names three numbers is moved only by force; others (``latest``, ``1``, ``main``) are made to move.
"""

import re
from enum import StrEnum

from wasmctl.errors import ImageRefusedError
from wasmctl.oci.reference import Reference
from wasmctl.oci.store import Store

_VERSION = re.compile(r"v?\d+\.\d+\.\d+(?:[._-].*)?")


class Overwrite(StrEnum):
    """Which tags may be moved to another image."""

    NONE = "none"
    FLOATING = "floating"
    ANY = "any"


def check(store: Store, reference: Reference, digest: str, allowed: Overwrite) -> None:
    """Refuse to move a tag that must stay; the image that it names already may come again.

    Raises ImageRefusedError.
    """
    tag = reference.tag or ""
    is_version = _VERSION.fullmatch(tag) is not None
    if allowed is Overwrite.ANY or (allowed is Overwrite.FLOATING and not is_version):
        return
    present = store.digest(tag)
    if present in {None, digest}:
        return
    kind = "version tag" if is_version else "tag"
    raise ImageRefusedError(
        f"the {kind} {reference} names {present} already, not {digest}",
        hint="push under a new tag" + ("" if allowed is Overwrite.NONE else ", or use --force"),
    )
