"""A client of Envoy's admin interface: ready, listeners, statistics.

Over plain http.client, which knows nothing of HTTP_PROXY: loopback must never pass a proxy.
"""

import http.client
import json
import socket
from collections.abc import Callable
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from wasmctl.envoy.engines.base import Address, TcpAddress, UnixAddress
from wasmctl.errors import WasmctlError

# Generous: the main thread answers, which also compiles plugins of several megabytes.
PATIENCE_SECONDS = 60.0
_OK = 200


class StatKind(StrEnum):
    """The kinds of statistic that have one value, as the admin interface names them."""

    COUNTER = "Counters"
    GAUGE = "Gauges"


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def connection(address: Address) -> http.client.HTTPConnection:
    """Return an HTTP connection to an address, not yet connected; no proxy is ever asked."""
    match address:
        case TcpAddress(host=host, port=port):
            return http.client.HTTPConnection(host, port)
        case UnixAddress(path=path):
            return _UnixConnection(path)


class Admin:
    """One Envoy's admin interface, at ``address``.

    ``lost`` makes the error to raise when it does not answer, of what was met instead: its owner
    knows whether the process died, and of what.
    """

    def __init__(self, address: Address, *, lost: Callable[[Exception], WasmctlError]) -> None:
        self.address = address
        self._connection = connection(address)
        self._lost = lost

    def is_ready(self, *, seconds: float = PATIENCE_SECONDS) -> bool:
        """Return whether Envoy is LIVE: its listeners are up, its workers run."""
        status, body = self._get("/ready", seconds)
        return status == _OK and b"LIVE" in body

    def listeners(self) -> dict[str, Address]:
        """Return what each listener has bound, by its name; not those inside Envoy."""
        listeners = self._json("/listeners?format=json").get("listener_statuses", [])
        found = ((entry["name"], _address(entry["local_address"])) for entry in listeners)
        return {name: address for name, address in found if address}

    def ports(self) -> dict[str, int]:
        """Return the port of each listener that has one, by its name."""
        found = self.listeners().items()
        return {name: at.port for name, at in found if isinstance(at, TcpAddress)}

    def statistics(
        self, pattern: str, kind: StatKind, *, seconds: float = PATIENCE_SECONDS
    ) -> dict[str, int]:
        """Return the values of all statistics of a kind whose names match, by name.

        ``pattern`` is a regular expression in RE2's syntax that has to match somewhere.
        """
        found = self._json(f"/stats?format=json&type={kind}&filter={quote(pattern)}", seconds)
        return {entry["name"]: entry["value"] for entry in found["stats"]}

    def release(self) -> str:
        """Return Envoy's release: ``1.40.0``."""
        # 9e55809…/1.40.0/Clean/RELEASE/BoringSSL
        return str(self._json("/server_info")["version"]).split("/")[1]

    def text(self, path: str) -> str:
        """Return what a page of the interface says: ``/stats``, ``/config_dump``."""
        return self._get(path)[1].decode(errors="replace")

    def set_log_level(self, level: str) -> None:
        """Set the level of all of Envoy's log."""
        self._get(f"/logging?level={level}", method="POST")

    def visit(self, mark: str) -> None:
        """Ask for nothing, so that ``mark`` appears in Envoy's log of admin requests."""
        self._get(f"/ready?{mark}")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _json(self, path: str, seconds: float = PATIENCE_SECONDS) -> Any:  # noqa: ANN401 - Envoy's
        return json.loads(self._get(path, seconds)[1])

    def _get(
        self, path: str, seconds: float = PATIENCE_SECONDS, method: str = "GET"
    ) -> tuple[int, bytes]:
        try:
            self._connection.timeout = seconds
            if self._connection.sock:
                self._connection.sock.settimeout(seconds)
            self._connection.request(method, path)
            response = self._connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise self._lost(error) from error


def _address(local: Any) -> Address | None:  # noqa: ANN401 - Envoy's
    if "socket_address" in local:
        at = local["socket_address"]
        return TcpAddress(host=at["address"], port=at["port_value"])
    return UnixAddress(path=local["pipe"]["path"]) if "pipe" in local else None
