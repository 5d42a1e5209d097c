"""The test client: streams that have names, on connections that have names."""

import socket
from dataclasses import dataclass

from wasmctl.envoy.peers.connection import Connection
from wasmctl.envoy.peers.exchange import Exchange, end_all
from wasmctl.envoy.peers.http1 import Http1Connection
from wasmctl.envoy.peers.http2 import Http2Connection
from wasmctl.envoy.peers.loop import Loop
from wasmctl.envoy.peers.parts import Codec, Script
from wasmctl.envoy.peers.protocol import Begin, Until
from wasmctl.envoy.peers.received import Answer, Ending
from wasmctl.envoy.peers.tcp import TcpConnection

_HOST = "127.0.0.1"
_CONNECT_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class ClientStream:
    """A stream of the client; ``connection`` is None where nobody listens."""

    exchange: Exchange
    connection: Connection | None

    @property
    def answer(self) -> Answer:
        """The answer, as far as it has come."""
        incoming = self.exchange.incoming
        return Answer(
            received=self.exchange.received if incoming.headers is not None else None,
            ending=incoming.ending,
            code=incoming.code,
            is_sent=self.is_sent,
        )

    @property
    def is_sent(self) -> bool:
        """Whether all that was told is done."""
        has_unsent = self.connection is not None and self.connection.wire.has_unsent
        return self.exchange.is_played and not has_unsent

    def has_come_to(self, until: Until) -> bool:
        """Return whether it has ended, or come so far."""
        if self.exchange.incoming.ending is not Ending.OPEN:
            return True
        match until:
            case Until.DONE:
                return False
            case Until.REQUEST_SENT:
                return self.is_sent
            case Until.RESPONSE_STARTED:
                return self.exchange.incoming.headers is not None


@dataclass(frozen=True, kw_only=True)
class _Line:
    """A connection that the client keeps, as browsers and proxies do."""

    connection: Connection
    port: int
    codec: Codec
    number: int


class Client:
    """The client.

    Attributes:
        streams: by name; a new one takes the place of the one before.

    """

    def __init__(self, loop: Loop) -> None:
        self.streams: dict[str, ClientStream] = {}
        self._loop = loop
        self._lines: dict[str, _Line] = {}
        self._count = 0

    def begin(self, command: Begin) -> None:
        """Begin a stream; where nobody listens, it has ended at once."""
        line = self._line(command)
        if line is None:
            refused = Exchange()
            end_all([refused], Ending.REFUSED)
            self.streams[command.stream] = ClientStream(exchange=refused, connection=None)
            return
        exchange = line.connection.open()
        exchange.connection = line.number
        exchange.add(command.script)
        stream = ClientStream(exchange=exchange, connection=line.connection)
        self.streams[command.stream] = stream

    def go_on(self, name: str, script: Script, *, instead: bool) -> None:
        """Let a stream do more; what has ended does nothing any more."""
        exchange = self.streams[name].exchange
        if instead:
            exchange.drop()
        exchange.add(script)

    def forget(self) -> None:
        """Forget all streams and connections."""
        self.streams.clear()
        self._lines.clear()
        self._count = 0

    def _line(self, command: Begin) -> _Line | None:
        kept = self._lines.get(command.connection)
        asked = (command.port, command.codec)
        if kept and kept.connection.takes_requests and (kept.port, kept.codec) == asked:
            return kept
        connection = _connected(command)
        if connection is None:
            return None
        self._count += 1
        self._loop.attach(connection, lambda: None)
        line = _Line(connection=connection, port=asked[0], codec=asked[1], number=self._count)
        self._lines[command.connection] = line
        return line


def _connected(command: Begin) -> Connection | None:
    source = (command.source, 0)
    try:
        opened = socket.create_connection((_HOST, command.port), _CONNECT_SECONDS, source)
    except OSError:
        return None
    match command.codec:
        case Codec.HTTP2:
            return Http2Connection(opened, is_client=True)
        case Codec.HTTP1:
            return Http1Connection(opened, is_client=True)
        case Codec.TCP:
            return TcpConnection(opened)
