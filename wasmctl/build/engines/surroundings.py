"""How what runs in a container reaches the network: by the caller's proxies."""

import os
from urllib.parse import urlsplit

from wasmctl.build.engines.base import Order
from wasmctl.containers import Connection

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


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
