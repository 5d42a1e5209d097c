"""What the peers wait for: commands, connections, and what arrives on them; one thread.

Between two turns nothing happens, so the order of what the peers saw is never in doubt.
"""

import selectors
import socket
from collections.abc import Callable

from wasmctl.envoy.peers.http2 import Http2Connection

_Ready = Callable[[], None]


class Loop:
    """Files and connections, each with what is to be done when something arrives."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._connections: list[Http2Connection] = []

    def watch(self, source: socket.socket | int, ready: _Ready) -> None:
        """Call ``ready`` whenever ``source`` can be read."""
        self._selector.register(source, selectors.EVENT_READ, ready)

    def attach(self, connection: Http2Connection, changed: _Ready) -> None:
        """Read and write a connection; call ``changed`` after something has arrived on it."""

        def ready() -> None:
            connection.read()
            changed()

        self._connections.append(connection)
        self._selector.register(connection.socket, selectors.EVENT_READ, ready)

    def turn(self, seconds: float | None) -> bool:
        """Wait for the next thing and do it; False where nothing came within ``seconds``."""
        for connection in self._connections:
            interest = selectors.EVENT_READ
            if connection.has_unsent:
                interest |= selectors.EVENT_WRITE
            self._selector.modify(connection.socket, interest, self._ready_of(connection))
        found = self._selector.select(seconds)
        for key, _ in found:
            key.data()
            self._drop_closed()
        return bool(found)

    def drain(self) -> None:
        """Do everything that has arrived already."""
        while self.turn(0):
            pass

    def close_all(self) -> None:
        """Close every connection."""
        for connection in self._connections:
            connection.close()
        self._drop_closed()

    def _ready_of(self, connection: Http2Connection) -> _Ready:
        ready: _Ready = self._selector.get_key(connection.socket).data
        return ready

    def _drop_closed(self) -> None:
        # Before anything is opened: the system gives a closed socket's number to the next one.
        for connection in [entry for entry in self._connections if not entry.is_open]:
            self._selector.unregister(connection.socket)
            self._connections.remove(connection)
