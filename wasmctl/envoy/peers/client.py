"""The test client: it sends a request to a port and waits for the answer."""

import socket
import time

from wasmctl.envoy.peers.http2 import Http2Connection, Incoming
from wasmctl.envoy.peers.loop import Loop
from wasmctl.messages import Message

_HOST = "127.0.0.1"


class Client:
    """A client that keeps its connection, as browsers and proxies do.

    Attributes:
        answer: the answer to the last request, as far as it has come.

    """

    def __init__(self, loop: Loop) -> None:
        self.answer = Incoming()
        self._loop = loop
        self._port = 0
        self._number = 0
        self._connection: Http2Connection | None = None

    @property
    def has_ended(self) -> bool:
        """Whether no more will come: the answer is whole, reset, or its connection closed."""
        connected = self._connection is not None and self._connection.is_open
        return self.answer.complete or self.answer.reset is not None or not connected

    def send(self, port: int, request: Message) -> None:
        """Send a request; where nobody listens, its answer has ended at once."""
        self.answer = Incoming()
        self._connect(port)
        if self._connection:
            self._number = self._connection.begin(request)
            self.answer = self._connection.streams[self._number]

    def wait(self, seconds: float) -> None:
        """Return when the answer has ended, or the time is over."""
        deadline = time.monotonic() + seconds
        while not self.has_ended and (left := deadline - time.monotonic()) > 0:
            self._loop.turn(left)
        connection = self._connection
        if connection and self.answer.complete and not connection.is_sent(self._number):
            self.give_up()  # nobody wants the rest of the request

    def give_up(self) -> None:
        """Reset the stream of the last request."""
        if self._connection:
            self._connection.cancel(self._number)

    def _connect(self, port: int) -> None:
        kept = self._connection
        if kept and kept.is_open and kept.takes_requests and port == self._port:
            return
        self._port, self._connection = port, None
        try:
            peer = socket.create_connection((_HOST, port))
        except OSError:
            return
        self._connection = Http2Connection(peer, is_client=True)
        self._loop.attach(self._connection, lambda: None)
