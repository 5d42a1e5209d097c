"""Keys as BoringSSL reads them: of DER the newer forms alone, and whatever follows is ignored."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

_SEQUENCE = 0x30
# A key of RSA with 8,192 bits as PEM; to check one with more takes minutes.
_LONGEST = 8192
_FAILURES = (ValueError, TypeError, UnsupportedAlgorithm)


def public(content: bytes, *, is_pem: bool) -> PublicKeyTypes | None:
    """Return a public key, from a SubjectPublicKeyInfo if it is DER; None where it is none."""
    try:
        _check_size(content)
        if is_pem:
            return load_pem_public_key(content)
        whole, parts = _sequence(content)
        return load_der_public_key(whole) if parts[:1] == [_SEQUENCE] else None
    except _FAILURES:
        return None


def private(content: bytes, *, is_pem: bool) -> PrivateKeyTypes | None:
    """Return a private key, from PKCS #8 if it is DER; None where it is none."""
    try:
        _check_size(content)
        if is_pem:
            return load_pem_private_key(content, password=None)
        whole, parts = _sequence(content)
        is_new = parts[1:2] == [_SEQUENCE]  # behind the version: the algorithm
        return load_der_private_key(whole, password=None) if is_new else None
    except _FAILURES:
        return None


def _check_size(content: bytes) -> None:
    if len(content) > _LONGEST:
        raise ValueError("it is too long for a key")


def _sequence(content: bytes) -> tuple[bytes, list[int]]:
    """Return the first value of DER, and the tags in it; raises ValueError."""
    if content[:1] != bytes([_SEQUENCE]):
        raise ValueError("it is no sequence")
    start, end = _extent(content, 0)
    at, tags = start, []
    while at < end:
        tags.append(content[at])
        at = _extent(content, at)[1]
    return content[:end], tags


def _extent(content: bytes, at: int) -> tuple[int, int]:
    """Return where the content of a value begins and ends (X.690, 8.1.3)."""
    first = content[at + 1] if at + 1 < len(content) else 0
    count = first & 0x7F if first & 0x80 else 0
    start = at + 2 + count
    size = int.from_bytes(content[at + 2 : start]) if count else first
    if start + size > len(content):
        raise ValueError("it ends too early")
    return start, start + size
