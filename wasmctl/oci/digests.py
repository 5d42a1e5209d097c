"""Content digests as OCI writes them (image specification, "Descriptors": Digests)."""

import hashlib
import re

_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")


def digest_of(content: bytes) -> str:
    """Return the ``sha256:`` digest of some bytes."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def is_digest(text: str) -> bool:
    """Whether ``text`` is a digest that wasmctl can check: SHA-256, which every registry offers."""
    return _SHA256.fullmatch(text) is not None


def shortened(digest: str) -> str:
    """Return a digest as people recognise it in a line of progress: 12 digits."""
    return digest.removeprefix("sha256:")[:12]
