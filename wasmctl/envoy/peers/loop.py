"""What the peers wait for: commands, connections, what arrives on them, and the end of pauses.

One thread: between two turns nothing happens, so the order of what the peers saw is never in doubt.
"""

import selectors
import socket
import time
from collections.abc import Callable

from wasmctl.envoy.peers.connection import Connection, play
from wasmctl.envoy.peers.exchange import end_all
from wasmctl.envoy.peers.received import Ending

_Ready = Callable[[int], None]
_Call = Callable[[], None]


class Loop:
    """Files and connections, each with what is to be done when something arrives."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._connections: dict[Connection, _Ready] = {}
        self._interests: dict[Connection, int] = {}
        self._active = time.monotonic()

    def watch(self, source: socket.socket | int, ready: _Call) -> None:
        """Call ``ready`` whenever ``source`` can be read."""
        self._selector.register(source, selectors.EVENT_READ, lambda _events: ready())

    def unwatch(self, source: socket.socket | int) -> None:
        """Watch no longer; to be called before ``source`` is closed."""
        self._selector.unregister(source)

    def attach(self, connection: Connection, changed: _Call) -> None:
        """Serve a connection until it is closed; call ``changed`` when something has arrived."""

        def ready(events: int) -> None:
            if events & selectors.EVENT_WRITE:
                connection.wire.flush()
            if events & selectors.EVENT_READ:
                connection.read()
                changed()

        self._connections[connection] = ready

    def turn(self, seconds: float | None) -> bool:
        """Do what can be done, or wait for it; False where nothing was within ``seconds``."""
        has_played = self._play()
        self._set_interests()
        found = self._selector.select(0 if has_played else self._patience(seconds))
        for key, events in found:
            key.data(events)
            self._drop_closed()
        if has_played or found:
            self._active = time.monotonic()
        return has_played or bool(found)

    def until(
        self, done: Callable[[], bool], *, seconds: float, quiet: float | None = None
    ) -> None:
        """Return when it is done, after ``seconds``, or when nothing happened for ``quiet``."""
        self._active = now = time.monotonic()
        deadline = now + seconds
        self.drain()
        while not done():
            now = time.monotonic()
            quiet_at = self._active + quiet if quiet is not None and not self._dues() else deadline
            left = max(0.0, min(deadline, quiet_at) - now)
            # Time may have passed while this process did not run: so look once more at the end.
            has_turned = self.turn(left)
            if now >= deadline or not (left or has_turned):
                return

    def drain(self) -> None:
        """Do everything that can be done already."""
        while self.turn(0):
            pass

    def close_all(self) -> None:
        """Close every connection."""
        for connection in self._connections:
            close(connection)
        self._drop_closed()

    def drop(self, connection: Connection) -> None:
        """Close a connection."""
        close(connection)
        self._drop_closed()

    def _play(self) -> bool:
        now = time.monotonic()
        done = [play(connection, now) for connection in self._connections]
        self._drop_closed()
        return any(done)

    def _dues(self) -> list[float]:
        exchanges = (each for connection in self._connections for each in connection.exchanges)
        return [exchange.due for exchange in exchanges if exchange.due is not None]

    def _patience(self, seconds: float | None) -> float | None:
        limits = [due - time.monotonic() for due in self._dues()]
        limits += [] if seconds is None else [seconds]
        return max(0.0, min(limits)) if limits else None

    def _set_interests(self) -> None:
        for connection, ready in self._connections.items():
            wire = connection.wire
            wanted = selectors.EVENT_READ if wire.reads else 0
            wanted |= selectors.EVENT_WRITE if wire.has_unsent else 0
            if wanted != self._interests.get(connection, 0):
                self._lose_interest(connection)
                self._interests[connection] = wanted
                if wanted:
                    self._selector.register(wire.socket, wanted, ready)

    def _lose_interest(self, connection: Connection) -> None:
        if self._interests.pop(connection, 0):
            self._selector.unregister(connection.wire.socket)

    def _drop_closed(self) -> None:
        # Before anything is opened: the system gives a closed socket's number to the next one.
        for connection in [each for each in self._connections if not each.wire.is_open]:
            self._lose_interest(connection)
            del self._connections[connection]


def close(connection: Connection) -> None:
    """Close a connection, whatever goes on there."""
    connection.wire.close()
    end_all(connection.exchanges, Ending.OURS)
