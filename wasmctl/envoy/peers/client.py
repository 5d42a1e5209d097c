"""The test client: it sends a request to a port and waits for the answer."""

import socket
import time

from wasmctl.envoy.peers.http2 import Http2Connection, Incoming
from wasmctl.envoy.peers.loop import Loop
from wasmctl.messages import Message

_HOST = "127.0.0.1"


class Client:
    """A client that keeps its connection, as browsers and proxies do."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._port = 0
        self._connection: Http2Connection | None = None

    def exchange(self, port: int, request: Message, seconds: float) -> Incoming | None:
        """Send a request; return the answer as far as it came, or None where none began.

        Returns when the answer has ended, its stream was reset, its connection closed, or the
        time is over; then the client gives the stream up.
        """
        connection = self._connected(port)
        if connection is None:
            return None
        number = connection.begin(request)
        answer = connection.streams[number]
        deadline = time.monotonic() + seconds
        while connection.is_open and not (answer.complete or answer.reset is not None):
            self._loop.turn(max(deadline - time.monotonic(), 0))
            if time.monotonic() > deadline:
                break
        if not (answer.complete and connection.is_sent(number)):
            connection.cancel(number)
        return answer if answer.headers is not None else None

    def _connected(self, port: int) -> Http2Connection | None:
        kept = self._connection
        if kept and kept.is_open and kept.takes_requests and port == self._port:
            return kept
        try:
            peer = socket.create_connection((_HOST, port))
        except OSError:
            return None
        self._port = port
        self._connection = Http2Connection(peer, is_client=True)
        self._loop.attach(self._connection, lambda: None)
        return self._connection
