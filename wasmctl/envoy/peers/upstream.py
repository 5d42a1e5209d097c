"""A scripted upstream: it notes every request, and does with each what its rules say."""

import socket
from collections.abc import Sequence

from wasmctl.envoy.peers.connection import Connection
from wasmctl.envoy.peers.door import Door
from wasmctl.envoy.peers.exchange import Exchange
from wasmctl.envoy.peers.http1 import Http1Connection
from wasmctl.envoy.peers.http2 import Http2Connection
from wasmctl.envoy.peers.loop import Loop
from wasmctl.envoy.peers.parts import Await, Hold, Rule, Script
from wasmctl.envoy.peers.received import Ending
from wasmctl.envoy.peers.tcp import TcpConnection

# What an HTTP/2 connection begins with, and no method of HTTP/1 (RFC 9113, section 3.4). It comes
# in one piece: only requests of HTTP/1 are cut into smaller ones, by tests.
_PREFACE = b"PRI"
# What no rule is for waits to be told what to do, so that finer rules can be applied elsewhere: a
# request when it is whole, a TCP connection at once.
_UNRULED_REQUEST = (Await(), Hold())
_UNRULED_CONNECTION = (Hold(),)


class Upstream:
    """The upstream behind an open, listening socket: TCP, or HTTP/1 and HTTP/2 as it is spoken to.

    Attributes:
        seen: the requests (of TCP: connections), in the order in which they began.

    """

    def __init__(self, listening: socket.socket, loop: Loop, *, is_tcp: bool) -> None:
        self.seen: list[Exchange] = []
        self._rules: Sequence[Rule] = ()
        self._uses: list[int] = []
        self._loop = loop
        self._connections: list[Connection] = []
        self._strangers: set[socket.socket] = set()
        self._count = 0
        self._door = Door(listening, loop, self._greet_tcp if is_tcp else self._greet)

    def follow(self, rules: Sequence[Rule]) -> None:
        """Follow these rules, in this order, from the next request on."""
        self._rules = rules
        self._uses = [0] * len(rules)

    def refuse(self, *, refusing: bool) -> None:
        """Close the port and all connections, or open the port."""
        if not refusing:
            self._door.open()
            return
        self._door.shut()
        self._leave()

    def release(self, script: Script, number: int | None) -> bool:
        """Go on with a request that is held, by number or the oldest; False if there is none."""
        chosen = self.seen if number is None else self.seen[number : number + 1]
        held = next((exchange for exchange in chosen if exchange.is_held), None)
        if held:
            held.release(script)
        return held is not None

    def forget(self) -> None:
        """Forget the rules and what was seen, close all connections, open the port."""
        self.follow(())
        self.seen = []
        self._count = 0
        self._leave()
        self._door.open()

    def _leave(self) -> None:
        for stranger in self._strangers:
            self._loop.unwatch(stranger)
            stranger.close()
        self._strangers.clear()
        for connection in self._connections:
            self._loop.drop(connection)
        self._connections.clear()

    def _greet_tcp(self, connected: socket.socket) -> None:
        connection = TcpConnection(connected)
        self._attach(connection)
        self._take(connection.open())

    def _greet(self, connected: socket.socket) -> None:
        """Wait for the first bytes: they tell what is spoken."""
        self._strangers.add(connected)
        self._loop.watch(connected, lambda: self._recognise(connected))

    def _recognise(self, connected: socket.socket) -> None:
        connected.settimeout(0)
        try:
            first = connected.recv(len(_PREFACE), socket.MSG_PEEK)
        except OSError:
            first = b""
        self._strangers.discard(connected)
        self._loop.unwatch(connected)
        if not first:
            connected.close()
        elif first == _PREFACE:
            self._attach(Http2Connection(connected, is_client=False))
        else:
            self._attach(Http1Connection(connected, is_client=False))

    def _attach(self, connection: Connection) -> None:
        self._count += 1
        number = self._count
        self._connections = [each for each in self._connections if each.wire.is_open]
        self._connections.append(connection)
        self._loop.attach(connection, lambda: self._note(connection, number))

    def _note(self, connection: Connection, number: int) -> None:
        for exchange in connection.fresh:
            exchange.connection = number
            self._take(exchange)
        connection.fresh.clear()

    def _take(self, exchange: Exchange) -> None:
        exchange.connection = exchange.connection or self._count
        self.seen.append(exchange)
        if exchange.incoming.ending in (Ending.OPEN, Ending.END):
            self._choose(exchange)

    def _choose(self, exchange: Exchange) -> None:
        headers = exchange.incoming.headers or ()
        for number, rule in enumerate(self._rules):
            is_left = rule.times is None or self._uses[number] < rule.times
            if is_left and all(pair in headers for pair in rule.when):
                self._uses[number] += 1
                exchange.follow(number, rule)
                return
        exchange.add(_UNRULED_REQUEST if headers else _UNRULED_CONNECTION)
