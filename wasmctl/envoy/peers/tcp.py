"""One TCP connection, either side: bytes in, bytes out, both directions end on their own."""

import socket
from collections.abc import Callable

from wasmctl.envoy.peers.exchange import Exchange, end_all
from wasmctl.envoy.peers.parts import Close, Data, Part, Raw, Reset
from wasmctl.envoy.peers.received import Ending
from wasmctl.envoy.peers.wire import Wire


class TcpConnection:
    """An open socket, which is one stream."""

    def __init__(self, connected: socket.socket) -> None:
        self.wire = Wire(connected)
        self.exchanges: list[Exchange] = []
        self.fresh: list[Exchange] = []
        self._exchange = Exchange()
        self._exchange.incoming.headers = ()
        self._is_taken = False

    @property
    def takes_requests(self) -> bool:
        """Whether its one stream is still to be had."""
        return self.wire.is_open and not self._is_taken

    def open(self) -> Exchange:
        """Return its stream."""
        self._is_taken = True
        self.exchanges.append(self._exchange)
        return self._exchange

    def read(self) -> None:
        """Take in what has arrived."""
        content = self.wire.receive()
        if content:
            self._exchange.incoming.chunks.append(content)
        if content == b"":
            self._note_end()

    def perform(self, _exchange: Exchange, part: Part) -> bool:
        """Do a part of the script."""
        match part:
            case Data() | Raw():
                self.wire.send(part.content)
                if isinstance(part, Data) and part.end:
                    self._half_close()
            case Reset():
                return self._break_off(self.wire.abort)
            case Close():
                return self._break_off(self.wire.close)
            case _:
                pass
        return True

    def _half_close(self) -> None:
        self.wire.half_close()
        if self._exchange.incoming.ending is not Ending.OPEN and not self.wire.has_unsent:
            self.wire.close()

    def _break_off(self, end: Callable[[], None]) -> bool:
        if self.wire.has_unsent:
            return False
        end()
        end_all([self._exchange], Ending.OURS)
        return True

    def _note_end(self) -> None:
        if self.wire.ending is Ending.CLOSED:
            self._exchange.incoming.end(Ending.END)  # the other direction may go on
            if self._exchange.has_sent_end:
                self.wire.close()
        else:
            self.wire.close()
            end_all([self._exchange], Ending.ABORTED)
