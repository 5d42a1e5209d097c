"""A client of Envoy's admin interface: ready, listeners, statistics.

Over plain http.client, which knows nothing of HTTP_PROXY: loopback must never pass a proxy.
"""

import http.client
import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from wasmctl.errors import WasmctlError

# Generous: the main thread answers, which also compiles plugins of several megabytes.
PATIENCE_SECONDS = 30.0
_OK = 200


class StatKind(StrEnum):
    """The kinds of statistic that have one value, as the admin interface names them."""

    COUNTER = "Counters"
    GAUGE = "Gauges"


class Admin:
    """One Envoy's admin interface, at ``address`` (host and port).

    ``lost`` makes the error to raise when it does not answer, of what was met instead: its owner
    knows whether the process died, and of what.
    """

    def __init__(self, address: str, *, lost: Callable[[Exception], WasmctlError]) -> None:
        self.address = address
        self._connection = http.client.HTTPConnection(address)
        self._lost = lost

    def is_ready(self) -> bool:
        """Return whether Envoy is LIVE: its listeners are up, its workers run."""
        status, body = self._get("/ready")
        return status == _OK and b"LIVE" in body

    def ports(self) -> dict[str, int]:
        """Return the port of each listener by its name."""
        listeners = self._json("/listeners?format=json").get("listener_statuses", [])
        return {
            entry["name"]: entry["local_address"]["socket_address"]["port_value"]
            for entry in listeners
        }

    def statistics(
        self, pattern: str, kind: StatKind, *, seconds: float = PATIENCE_SECONDS
    ) -> dict[str, int]:
        """Return the values of all statistics of a kind whose names match, by name.

        ``pattern`` is a regular expression in RE2's syntax that has to match somewhere.
        """
        found = self._json(f"/stats?format=json&type={kind}&filter={quote(pattern)}", seconds)
        return {entry["name"]: entry["value"] for entry in found["stats"]}

    def visit(self, mark: str) -> None:
        """Ask for nothing, so that ``mark`` appears in Envoy's log of admin requests."""
        self._get(f"/ready?{mark}")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _json(self, path: str, seconds: float = PATIENCE_SECONDS) -> Any:  # noqa: ANN401 - Envoy's
        return json.loads(self._get(path, seconds)[1])

    def _get(self, path: str, seconds: float = PATIENCE_SECONDS) -> tuple[int, bytes]:
        try:
            self._connection.timeout = seconds
            if self._connection.sock:
                self._connection.sock.settimeout(seconds)
            self._connection.request("GET", path)
            response = self._connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise self._lost(error) from error
