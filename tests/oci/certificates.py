"""Certificates for tests: an authority of our own, and servers that it vouches for."""

from dataclasses import dataclass
from pathlib import Path

from tests import components
from tests.command import run


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate and its private key, both in PEM form."""

    file: Path
    key: Path


def authority(folder: Path, name: str = "authority") -> Certificate:
    """Make an authority."""
    made = Certificate(file=folder / f"{name}.pem", key=folder / f"{name}.key")
    subject = ("-subj", f"/CN={name}", "-days", "2")
    _openssl("req", "-x509", *_new_key(made), *subject, "-out", made.file)
    return made


def server(folder: Path, signer: Certificate) -> Certificate:
    """Make a certificate for servers on loopback."""
    made = Certificate(file=folder / "server.pem", key=folder / "server.key")
    request, extensions = folder / "server.csr", folder / "server.ext"
    extensions.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    _openssl("req", "-new", *_new_key(made), "-subj", "/CN=localhost", "-out", request)
    _openssl(
        *("x509", "-req", "-in", request, "-CA", signer.file, "-CAkey", signer.key),
        *("-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", made.file),
    )
    return made


def signed(content: bytes, key: Path, folder: Path) -> bytes:
    """Sign some bytes: RSA with SHA-256."""
    message, signature = folder / "message", folder / "signature"
    message.write_bytes(content)
    _openssl("dgst", "-sha256", "-sign", key, "-out", signature, message)
    return signature.read_bytes()


def _new_key(made: Certificate) -> tuple[object, ...]:
    return ("-newkey", "rsa:2048", "-nodes", "-keyout", made.key)


def _openssl(*words: object) -> None:
    components.need("openssl")
    finished = run(["openssl", *words])
    assert finished.returncode == 0, finished.stderr
