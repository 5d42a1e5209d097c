"""How what runs in a container reaches the network: by the caller's proxies and certificates."""

import os
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from wasmctl import files
from wasmctl.build.engines.base import Order
from wasmctl.containers import Connection

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

# Where each of the tools, or the library it uses, looks for certificates.
_CERTIFICATES = ("SSL_CERT_FILE", "CARGO_HTTP_CAINFO", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO")


def proxies() -> dict[str, str]:
    """Return the caller's proxy variables, in both of their spellings."""
    names = (spelling for name in _PROXIES for spelling in (name, name.lower()))
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def network(connection: Connection, order: Order) -> str:
    """Return the network in which packages are fetched.

    The engine's own, unless it has none, or the proxy listens on this machine's loopback.
    """
    chosen = order.project.file.build.container.network
    if chosen:
        return chosen
    return (
        "host"
        if any(map(_is_here, proxies().values())) or not connection.has_network("bridge")
        else "bridge"
    )


def _is_here(address: str) -> bool:
    return urlsplit(address if "://" in address else f"//{address}").hostname in _LOOPBACK


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
