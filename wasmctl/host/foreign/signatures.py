"""Signatures: made and verified with RSA (PKCS #1 v1.5) and ECDSA.

Source: Envoy source/extensions/common/wasm/foreign.cc, source/common/crypto/utility_impl.cc, with
the words of Envoy 1.40. Keys are those of BoringSSL: DER has to be SubjectPublicKeyInfo or PKCS #8.
An ECDSA signature is random in Envoy; here it is the same each time (RFC 6979).
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

from wasmctl.abi.types import Status
from wasmctl.host import protobuf
from wasmctl.host.context import Context
from wasmctl.host.foreign import keys
from wasmctl.host.foreign.arguments import Arguments
from wasmctl.host.hostcall import HostcallError

_HASHES: dict[bytes, hashes.HashAlgorithm] = {
    b"sha1": hashes.SHA1(),  # noqa: S303 - the plugin's choice, as in Envoy
    b"sha224": hashes.SHA224(),
    b"sha256": hashes.SHA256(),
    b"sha384": hashes.SHA384(),
    b"sha512": hashes.SHA512(),
}
_DONE = protobuf.truth(1, value=True)
_NO_PUBLIC_KEY = b"Failed to initialize digest verify."
_NOT_SIGNED_SO = b"Failed to verify digest. Error code: 0"
_NO_PRIVATE_KEY = b"Invalid key type: private key required for signing operation."
_BROKEN_PRIVATE_KEY = b"Invalid private key: key data is corrupted or malformed."


def verify_signature(_context: Context, argument: bytes) -> bytes:
    """Return whether a text was signed so with the private key of a public one, or why not."""
    given = Arguments(argument)
    content, is_pem = _key(given, der=2, pem=5)
    algorithm = _HASHES.get(given.octets(1).lower())
    if algorithm is None:
        return protobuf.text(2, given.octets(1) + b" is not supported.")
    key = keys.public(content, is_pem=is_pem)
    try:
        _verify(key, algorithm, given.octets(3), given.octets(4))
    except InvalidSignature:
        return protobuf.text(2, _NOT_SIGNED_SO)
    except TypeError:
        return protobuf.text(2, _NO_PUBLIC_KEY)
    return _DONE


def sign(_context: Context, argument: bytes) -> bytes:
    """Return a text's signature with a private key, or why there is none."""
    given = Arguments(argument)
    content, is_pem = _key(given, der=2, pem=4)
    algorithm = _HASHES.get(given.octets(1).lower())
    if algorithm is None:
        return protobuf.text(3, given.octets(1) + b" is not supported.")
    key = keys.private(content, is_pem=is_pem)
    if key is None:
        return protobuf.text(3, _NO_PRIVATE_KEY)
    try:
        return _DONE + protobuf.text(2, _signature(key, algorithm, given.octets(3)))
    except TypeError:
        return protobuf.text(3, _BROKEN_PRIVATE_KEY)


def _verify(
    key: PublicKeyTypes | None, algorithm: hashes.HashAlgorithm, signature: bytes, text: bytes
) -> None:
    match key:
        case rsa.RSAPublicKey():
            key.verify(signature, text, padding.PKCS1v15(), algorithm)
        case ec.EllipticCurvePublicKey():
            key.verify(signature, text, ec.ECDSA(algorithm))
        case _:
            raise TypeError("only keys of RSA and elliptic curves verify")


def _signature(key: PrivateKeyTypes, algorithm: hashes.HashAlgorithm, text: bytes) -> bytes:
    match key:
        case rsa.RSAPrivateKey():
            return key.sign(text, padding.PKCS1v15(), algorithm)
        case ec.EllipticCurvePrivateKey():
            return key.sign(text, ec.ECDSA(algorithm, deterministic_signing=True))
        case _:
            raise TypeError("only keys of RSA and elliptic curves sign")


def _key(given: Arguments, *, der: int, pem: int) -> tuple[bytes, bool]:
    """Return the key in the one of two forms that is there; raises HostcallError."""
    content, text = given.octets(der), given.octets(pem)
    if bool(content) == bool(text):
        found = "both are there" if text else "neither is there"
        reason = f"a key is wanted as DER in field {der} or as PEM in field {pem}: {found}"
        raise HostcallError(Status.BAD_ARGUMENT, reason)
    return text or content, bool(text)
