"""Servers that a proxy leads to, as users name them: ``http://127.0.0.1:9000``."""

import os
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from wasmctl import files
from wasmctl.envoy.clusters import Protocol, Server, is_number
from wasmctl.envoy.engines.base import Site, TcpAddress
from wasmctl.errors import EnvironmentMissingError, UsageError

_PATIENCE_SECONDS = 3.0
_LOOPBACK = {"localhost": "127.0.0.1", "127.0.0.1": "127.0.0.1", "::1": "::1"}
_AUTHORITIES = "authorities.pem"


@dataclass(frozen=True, kw_only=True)
class _Scheme:
    protocol: Protocol
    port: int | None
    is_secure: bool = False


_SCHEMES = {
    "http": _Scheme(protocol=Protocol.HTTP1, port=80),
    "https": _Scheme(protocol=Protocol.HTTP1, port=443, is_secure=True),
    "h2c": _Scheme(protocol=Protocol.HTTP2, port=80),
    "grpc": _Scheme(protocol=Protocol.HTTP2, port=80),
    "grpcs": _Scheme(protocol=Protocol.HTTP2, port=443, is_secure=True),
    "tcp": _Scheme(protocol=Protocol.TCP, port=None),
}


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """A server, by the name of its cluster and its URL."""

    name: str
    scheme: str
    host: str
    port: int

    @property
    def address(self) -> TcpAddress:
        """Where this machine reaches it."""
        return TcpAddress(host=_LOOPBACK.get(self.host, self.host), port=self.port)


def parse(name: str, url: str) -> Upstream:
    """Read a URL.

    Raises UsageError, which says what is wrong with it.
    """
    try:
        parts = urlsplit(url)
        scheme, host, port = _SCHEMES.get(parts.scheme), parts.hostname, parts.port
    except ValueError as error:
        raise _refused(url, str(error)) from error
    if scheme is None:
        raise _refused(url, f"its scheme is none of {', '.join(_SCHEMES)}")
    if not host:
        raise _refused(url, "it names no host")
    if parts.path.strip("/") or parts.query:
        raise _refused(url, "a path or a query has no place in it: requests bring their own")
    port = port or scheme.port
    if not port:
        raise _refused(url, "it names no port")
    return Upstream(name=name, scheme=parts.scheme, host=host, port=port)


def parse_named(text: str) -> Upstream:
    """Read ``NAME=URL``.

    Raises UsageError where it is not of that form.
    """
    name, equals, url = text.partition("=")
    if not equals or not name:
        raise UsageError(
            f"--cluster {text}: not of the form NAME=URL",
            hint="--cluster auth=http://127.0.0.1:9000",
        )
    return parse(name, url)


def _refused(url: str, why: str) -> UsageError:
    return UsageError(
        f"{url}: {why}", hint="write http://HOST:PORT, https://…, grpc://… or tcp://…"
    )


def check(upstream: Upstream) -> None:
    """See that somebody listens there.

    Raises EnvironmentMissingError where nobody does.
    """
    address = upstream.address
    try:
        socket.create_connection((address.host, address.port), _PATIENCE_SECONDS).close()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise EnvironmentMissingError(
            f"the upstream {upstream.name} does not answer at {upstream.host}:{upstream.port}:"
            f" {reason}",
            hint="start it first; without --upstream, a built-in one shows each request",
        ) from error


def server(upstream: Upstream, site: Site, folder: Path) -> Server:
    """Return the cluster that leads there; what TLS needs is put into ``folder``."""
    scheme = _SCHEMES[upstream.scheme]
    return Server(
        name=upstream.name,
        address=site.server(upstream.address),
        protocol=scheme.protocol,
        trusted=_trusted(site, folder) if scheme.is_secure else None,
        sni=upstream.host if scheme.is_secure else "",
        host="" if is_number(upstream.address.host) else upstream.host,
    )


def _trusted(site: Site, folder: Path) -> str:
    # As OpenSSL looks for them: SSL_CERT_FILE, then where the system keeps them.
    found = ssl.get_default_verify_paths().cafile
    if not found:
        raise EnvironmentMissingError(
            "no file with the certificates of authorities that are trusted",
            hint="install the package ca-certificates, or name the file in SSL_CERT_FILE",
        )
    files.write(folder / _AUTHORITIES, files.read(Path(found)))
    return site.path(folder / _AUTHORITIES)
