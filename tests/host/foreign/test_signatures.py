"""The foreign functions sign and verify_signature, in the words of Envoy 1.40."""

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from tests.host.conftest import Start
from tests.host.plugins import OUT, VALUE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages
from wasmctl.host import protobuf

TEXT = b"text"
RSA = rsa.generate_private_key(65537, 2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
EDWARDS = ed25519.Ed25519PrivateKey.generate()
SIGNED = RSA.sign(TEXT, padding.PKCS1v15(), hashes.SHA256())
SIGNED_BY_CURVE = CURVE.sign(TEXT, ec.ECDSA(hashes.SHA256()))

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def public(key: Key, form: serialization.Encoding = serialization.Encoding.DER) -> bytes:
    return key.public_key().public_bytes(form, serialization.PublicFormat.SubjectPublicKeyInfo)


def private(
    key: Key,
    form: serialization.Encoding = serialization.Encoding.DER,
    kind: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8,
) -> bytes:
    return key.private_bytes(form, kind, serialization.NoEncryption())


PEM = serialization.Encoding.PEM
OLD = serialization.PrivateFormat.TraditionalOpenSSL
OLD_PUBLIC = RSA.public_key().public_bytes(
    serialization.Encoding.DER, serialization.PublicFormat.PKCS1
)


def told(start: Start, name: bytes, argument: bytes) -> list[str]:
    clear = "(i64.store (i32.const 16) (i64.const 0))"
    call: Statement = ("?proxy_call_foreign_function", name, argument, *OUT)
    host = start(plugin({"request_headers": [clear, call, VALUE]}))
    host.http(messages.request("/"))
    return texts(host)


def to_verify(
    key: bytes = b"",
    signature: bytes = SIGNED,
    *,
    algorithm: bytes = b"sha256",
    text: bytes = TEXT,
    pem: bytes = b"",
) -> bytes:
    fields = (algorithm, key, signature, text, pem)
    return b"".join(protobuf.text(number, value) for number, value in enumerate(fields, 1))


def shown(content: bytes) -> str:
    return content.decode(errors="replace")


_YES = ["00", "\x08\1"]
_UNUSABLE = ["00", shown(protobuf.text(2, b"Failed to initialize digest verify."))]
_UNSIGNED = ["00", shown(protobuf.text(2, b"Failed to verify digest. Error code: 0"))]

_VERIFIED: dict[str, tuple[bytes, list[str]]] = {
    "RSA": (to_verify(public(RSA)), _YES),
    "a curve": (to_verify(public(CURVE), SIGNED_BY_CURVE), _YES),
    "PEM": (to_verify(pem=public(RSA, PEM)), _YES),
    "the hash in capitals": (to_verify(public(RSA), algorithm=b"SHA256"), _YES),
    "something behind the key": (to_verify(public(RSA) + b"x"), _YES),
    "another text": (to_verify(public(RSA), text=b"other"), _UNSIGNED),
    "another key": (to_verify(public(CURVE)), _UNSIGNED),
    "no signature": (to_verify(public(RSA), b""), _UNSIGNED),
    "no key at all": (to_verify(b"zz"), _UNUSABLE),
    "a key that signs otherwise": (to_verify(public(EDWARDS)), _UNUSABLE),
    "an old form": (to_verify(OLD_PUBLIC), _UNUSABLE),
    "cut DER": (to_verify(public(RSA)[:-1]), _UNUSABLE),
    "endless DER": (to_verify(public(RSA) + bytes(8192)), _UNUSABLE),
    "bad PEM": (to_verify(pem=b"-----BEGIN"), _UNUSABLE),
    "an unknown hash": (
        to_verify(b"zz", algorithm=b"md5"),
        ["00", shown(protobuf.text(2, b"md5 is not supported."))],
    ),
    "no key": (to_verify(), ["02", ""]),
    "both": (to_verify(public(RSA), pem=public(RSA, PEM)), ["02", ""]),
    "nothing": (b"", ["02", ""]),
    "no message": (b"\xff\xff", ["02", ""]),
}


@pytest.mark.parametrize("name", _VERIFIED)
def test_a_signature_is_verified(start: Start, name: str) -> None:
    argument, expected = _VERIFIED[name]

    assert told(start, b"verify_signature", argument) == expected


def to_sign(key: bytes = b"", *, algorithm: bytes = b"sha256", pem: bytes = b"") -> bytes:
    fields = (algorithm, key, TEXT, pem)
    return b"".join(protobuf.text(number, value) for number, value in enumerate(fields, 1))


_NO_KEY = [
    "00",
    shown(protobuf.text(3, b"Invalid key type: private key required for signing operation.")),
]
_BROKEN = [
    "00",
    shown(protobuf.text(3, b"Invalid private key: key data is corrupted or malformed.")),
]
_BY_RSA = ["00", shown(b"\x08\1" + protobuf.text(2, SIGNED))]

_MADE: dict[str, tuple[bytes, list[str]]] = {
    "RSA": (to_sign(private(RSA)), _BY_RSA),
    "PEM": (to_sign(pem=private(RSA, PEM)), _BY_RSA),
    "old PEM": (to_sign(pem=private(RSA, PEM, OLD)), _BY_RSA),
    "old DER": (to_sign(private(RSA, kind=OLD)), _NO_KEY),
    "no key at all": (to_sign(b"zz"), _NO_KEY),
    "a key that signs otherwise": (to_sign(private(EDWARDS)), _BROKEN),
    "an unknown hash": (
        to_sign(private(RSA), algorithm=b"zz"),
        ["00", shown(protobuf.text(3, b"zz is not supported."))],
    ),
    "no key": (to_sign(), ["02", ""]),
    "both": (to_sign(private(RSA), pem=private(RSA, PEM)), ["02", ""]),
    "no message": (b"\xff", ["02", ""]),
}


@pytest.mark.parametrize("name", _MADE)
def test_a_text_is_signed(start: Start, name: str) -> None:
    argument, expected = _MADE[name]

    assert told(start, b"sign", argument) == expected


def test_a_curve_signs_the_same_each_time(start: Start) -> None:
    first = told(start, b"sign", to_sign(private(CURVE)))
    second = told(start, b"sign", to_sign(private(CURVE)))

    assert first[0] == "00"
    assert first == second
