"""Which certificates the tools that fetch packages are to trust."""

import os
import ssl
from pathlib import Path

from wasmctl import files
from wasmctl.build.engines.base import Order

# How those tools print that they do not know who signed a registry's certificate.
UNKNOWN = (
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "certificate signed by unknown authority",
    "SSL certificate problem",
)

# Where each of the tools, or the library it uses, looks for certificates.
_CERTIFICATES = ("SSL_CERT_FILE", "CARGO_HTTP_CAINFO", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO")


def certificates(order: Order) -> bytes:
    """Return what the tools are to trust, empty where they are not told.

    Raises FilesError where the project names a file that cannot be read.
    """
    named = order.project.file.network.ca_file
    if named:
        return files.read(order.project.root / named) + b"\n" + _systems()
    return _systems() if os.environ.get("SSL_CERT_FILE") else b""


def trusting(path: str) -> dict[str, str]:
    """Return the variables that have every tool trust the certificates at ``path``."""
    return dict.fromkeys(_CERTIFICATES, path)


def _systems() -> bytes:
    # Tools take what they are told in the place of what they had: ours comes with it.
    place = ssl.get_default_verify_paths().cafile
    return files.read(Path(place)) if place else b""
