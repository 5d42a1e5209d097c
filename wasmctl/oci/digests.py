"""Content digests as OCI writes them (image specification, "Descriptors": Digests)."""

import hashlib
import re

from wasmctl.errors import UsageError

_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")


def digest_of(content: bytes) -> str:
    """Return the ``sha256:`` digest of some bytes."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def is_digest(text: str) -> bool:
    """Whether ``text`` is a digest that wasmctl can check: SHA-256, which every registry offers."""
    return _SHA256.fullmatch(text) is not None


def parse(text: str) -> str:
    """Return a digest that a user wrote, with or without ``sha256:`` in front.

    Raises UsageError.
    """
    digest = text if ":" in text else f"sha256:{text}"
    if is_digest(digest):
        return digest
    raise UsageError(
        f"{text!r} is not a digest",
        hint="write sha256: and 64 hexadecimal digits in lower case, or the digits alone",
    )


def shortened(digest: str) -> str:
    """Return a digest as people recognise it in a line of progress: 12 digits."""
    return digest.removeprefix("sha256:")[:12]
