"""The port of an upstream, which can be shut and opened again without being lost."""

import socket
from collections.abc import Callable

from wasmctl.envoy.peers.loop import Loop


def bound(address: tuple[str, int]) -> socket.socket:
    """Return a socket bound to an address that others of this user may be bound to as well."""
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    opened.bind(address)
    return opened


class Door:
    """An open port, given as its listening socket; ``enter`` gets each connection.

    A second socket is bound to the port and never listens: while the door is shut, the port is
    still ours, and the system refuses whoever comes.
    """

    def __init__(
        self, listening: socket.socket, loop: Loop, enter: Callable[[socket.socket], None]
    ) -> None:
        self._reserved = bound(listening.getsockname())
        self._listening: socket.socket | None = None
        self._loop = loop
        self._enter = enter
        self._watch(listening)

    def shut(self) -> None:
        """Refuse connections from now on."""
        if self._listening:
            self._loop.unwatch(self._listening)
            self._listening.close()
            self._listening = None

    def open(self) -> None:
        """Take connections again."""
        if self._listening is None:
            listening = bound(self._reserved.getsockname())
            listening.listen()
            self._watch(listening)

    def _watch(self, listening: socket.socket) -> None:
        listening.settimeout(0)
        self._listening = listening
        self._loop.watch(listening, lambda: self._let_in(listening))

    def _let_in(self, listening: socket.socket) -> None:
        try:
            connected, _ = listening.accept()
        except (BlockingIOError, ConnectionAbortedError):  # who came has left
            return
        self._enter(connected)
