"""The connections of a test's client on the embedded host: each has a port of its own.

A connection of HTTP/1.1 carries one exchange at a time, and is closed where that breaks off or is
answered before the request's end (Envoy source/common/http/conn_manager_impl.cc). The next request
then comes on another one, as from the client that the real Envoy has.
"""

from wasmctl.host import HttpStream
from wasmctl.testing.targets.base import Sending
from wasmctl.testing.targets.connections import Connections

_FIRST_PORT = 40000
_PORTS = 25000
_HTTP1 = "1.1"


class HostConnections:
    """The client's connections, known by their address and port."""

    def __init__(self) -> None:
        self._connections = Connections()
        self._sources: dict[str, str] = {}
        self._latest: dict[str, HttpStream] = {}
        self._count = 0

    def source(self, sending: Sending) -> str:
        """Return the address and port from which a request comes."""
        name = self._connections.name(sending)
        kept = self._sources.get(name)
        if kept is None or (sending.version == _HTTP1 and not self._is_free(kept)):
            # A machine's ports come round again, too.
            kept = f"{sending.source}:{_FIRST_PORT + self._count % _PORTS}"
            self._sources[name] = kept
            self._count += 1
        return kept

    def note(self, source: str, stream: HttpStream) -> None:
        """Note which stream went on a connection last."""
        self._latest[source] = stream

    def _is_free(self, source: str) -> bool:
        latest = self._latest[source]
        return latest.is_sent and latest.exchange().client_complete
