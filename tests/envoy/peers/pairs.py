"""Two connected sides that speak with each other in this process, turn by turn."""

import contextlib
import select
import socket
import time
from collections.abc import Callable, Iterator

from wasmctl.envoy.peers.connection import Connection, play
from wasmctl.envoy.peers.exchange import Exchange
from wasmctl.envoy.peers.parts import Script

_MOMENT = 0.01


class Pair:
    """A client and a server."""

    def __init__(self, client: Connection, server: Connection) -> None:
        self.client = client
        self.server = server

    def begin(self, script: Script) -> Exchange:
        """Begin a stream of the client, and do what can be done in it."""
        exchange = self.client.open()
        exchange.add(script)
        self.talk()
        return exchange

    def talk(self) -> None:
        """Let both sides read and play, until there is nothing more."""
        while self._turn() or self._has_more():
            pass

    def _turn(self) -> bool:
        has_played = False
        for side in (self.client, self.server):
            if side.wire.is_open:
                side.read()
                has_played |= play(side, time.monotonic())
        return has_played

    def _has_more(self) -> bool:
        # The system may take a moment to carry bytes from one socket to the other.
        sides = (self.client, self.server)
        reading = [side.wire.socket for side in sides if side.wire.is_open and side.wire.reads]
        return bool(select.select(reading, (), (), _MOMENT)[0])

    def next(self) -> Exchange:
        """Return the stream that the server has met last."""
        return self.server.fresh[-1]


@contextlib.contextmanager
def connected(
    client: Callable[[socket.socket], Connection], server: Callable[[socket.socket], Connection]
) -> Iterator[Pair]:
    """Connect two sides; close them with the block."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        opened = socket.create_connection(listening.getsockname())
        pair = Pair(client(opened), server(listening.accept()[0]))
    try:
        yield pair
    finally:
        for side in (pair.client, pair.server):
            side.wire.close()
