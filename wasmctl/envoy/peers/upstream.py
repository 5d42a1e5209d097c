"""A scripted upstream: it notes every request and answers each that is complete."""

import socket

from wasmctl.envoy.peers.http2 import Http2Connection, Incoming
from wasmctl.envoy.peers.loop import Loop
from wasmctl.messages import Message


class Upstream:
    """The upstream behind an open, listening socket.

    Attributes:
        reply: what it answers; without one it stays silent.
        seen: the requests, in the order in which they began.

    """

    def __init__(self, listening: socket.socket, loop: Loop) -> None:
        self.reply: Message | None = None
        self.seen: list[Incoming] = []
        self._socket = listening
        self._loop = loop
        listening.settimeout(0)
        loop.watch(listening, self._accept)

    def forget(self) -> None:
        """Forget the script and what was seen."""
        self.reply = None
        self.seen = []

    def _accept(self) -> None:
        connection = Http2Connection(self._socket.accept()[0], is_client=False)
        noted: set[int] = set()
        answered: set[int] = set()
        self._loop.attach(connection, lambda: self._serve(connection, noted, answered))

    def _serve(self, connection: Http2Connection, noted: set[int], answered: set[int]) -> None:
        for number, incoming in connection.streams.items():
            if number not in noted:
                noted.add(number)
                self.seen.append(incoming)
            if incoming.complete and number not in answered and self.reply:
                answered.add(number)
                connection.send(number, self.reply)
