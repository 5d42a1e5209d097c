"""One HTTP/1.1 connection, either side; one message at a time in each direction."""

import contextlib
import socket
from collections.abc import Callable

import h11

from wasmctl.envoy.peers import http1_reader
from wasmctl.envoy.peers.exchange import Exchange, end_all
from wasmctl.envoy.peers.http1_reader import BrokenError, Event, Http1Reader
from wasmctl.envoy.peers.http1_writer import Http1Writer
from wasmctl.envoy.peers.parts import Close, Data, Headers, Part, Raw, Reset
from wasmctl.envoy.peers.received import Ending
from wasmctl.envoy.peers.wire import Wire


class Http1Connection:
    """An open socket that speaks HTTP/1.1; it is kept for further messages, where both may."""

    def __init__(self, connected: socket.socket, *, is_client: bool) -> None:
        self.wire = Wire(connected)
        self.exchanges: list[Exchange] = []
        self.fresh: list[Exchange] = []
        self._is_client = is_client
        self._reader = Http1Reader(is_client=is_client)
        self._writer = Http1Writer()
        self._current: Exchange | None = None

    @property
    def takes_requests(self) -> bool:
        """Whether the exchange before, if any, is over, and has left the connection open."""
        is_free = self._current is None or (self._current.is_over and self._reader.keeps)
        return self.wire.is_open and is_free

    def open(self) -> Exchange:
        """Begin an exchange."""
        if self._is_client:
            self._reader.expect()
        self._writer = Http1Writer()
        self._current = Exchange()
        self.exchanges.append(self._current)
        return self._current

    def read(self) -> None:
        """Take in what has arrived."""
        while content := self.wire.receive():
            try:
                self._take(content)
            except BrokenError:
                self._close(Ending.BROKEN)
        if content == b"":
            self._note_close()

    def perform(self, _exchange: Exchange, part: Part) -> bool:
        """Do a part of a script; False where earlier bytes have to go first."""
        match part:
            case Headers():
                self._send_headers(part)
            case Data():
                self._send(self._writer.data(part), is_last=part.end)
            case Raw():
                self.wire.send(part.content)
            case Reset():
                return self._break_off(self.wire.abort)
            case Close():
                return self._break_off(self.wire.close)
            case _:
                pass
        return True

    def _send_headers(self, part: Headers) -> None:
        if self._is_client and (b":method", b"HEAD") in part.pairs:
            self._reader.expect(b"HEAD")
        self._send(self._writer.headers(part), is_last=part.end)

    def _send(self, content: bytes, *, is_last: bool) -> None:
        self.wire.send(content)
        if is_last and self._writer.closes and not self._is_client:
            self.wire.half_close()

    def _break_off(self, end: Callable[[], None]) -> bool:
        if self.wire.has_unsent:
            return False
        end()
        end_all(self.exchanges, Ending.OURS)
        return True

    def _close(self, ending: Ending) -> None:
        self.wire.close()
        end_all(self.exchanges, ending)

    def _note_close(self) -> None:
        """Note the end of the connection, which may be the end of a message, too."""
        if self.wire.ending is Ending.CLOSED:
            with contextlib.suppress(BrokenError):  # it ended in the middle of a message
                self._take(b"")
        self._close(self.wire.ending)

    def _take(self, content: bytes) -> None:
        for event in self._reader.feed(content):
            self._note(event)

    def _note(self, event: Event) -> None:
        match event:
            case h11.Request():
                self.fresh.append(self.open())
                self.fresh[-1].incoming.headers = http1_reader.request_pairs(event)
            case h11.Response() if self._current:
                self._current.incoming.headers = http1_reader.response_pairs(event)
            case h11.Data() if self._current:
                _note_data(self._current, event)
            case h11.EndOfMessage() if self._current:
                self._current.incoming.trailers = http1_reader.pairs(event)
                self._current.incoming.end(Ending.END)
            case _:
                pass


def _note_data(exchange: Exchange, event: h11.Data) -> None:
    chunks = exchange.incoming.chunks
    if event.chunk_start or not chunks:
        chunks.append(bytes(event.data))
    else:
        chunks[-1] += event.data
