"""One HTTP/2 connection with prior knowledge, either side.

Frames go out one by one as they are told, so Envoy calls the plugin once for each. Nothing that is
received is checked or corrected, as far as h2 lets it pass.
"""

import socket
from collections.abc import Iterator

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    DataReceived,
    Event,
    RequestReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import FrameTooLargeError, ProtocolError, StreamClosedError

from wasmctl.envoy.peers.exchange import Exchange, end_all
from wasmctl.envoy.peers.parts import Close, Data, Headers, Part, Raw, Reset
from wasmctl.envoy.peers.received import Ending
from wasmctl.envoy.peers.wire import Wire

# RFC 9113: the layout of a frame (section 4.1) and of GOAWAY (6.8), what a client says first (3.4).
_FRAME_HEADER = 9
_TYPE = 3
_GOAWAY = 7
_GOAWAY_CODE = slice(13, 17)
_LARGEST_FRAME = _FRAME_HEADER + 16384
_PREFACE = 24
# Larger than all headers that Envoy lets pass.
_HEADERS_SIZE = 4 * 1024 * 1024


class Http2Connection:
    """An open socket that speaks HTTP/2; its streams are ``exchanges``."""

    def __init__(self, connected: socket.socket, *, is_client: bool) -> None:
        self.wire = Wire(connected)
        self.exchanges: list[Exchange] = []
        self.fresh: list[Exchange] = []
        self._wants_requests = True
        self._unread = b""
        self._preface = 0 if is_client else _PREFACE
        self._http2 = H2Connection(_configuration(is_client))
        self._http2.decoder.max_header_list_size = _HEADERS_SIZE
        self._http2.initiate_connection()
        self._flush()

    @property
    def takes_requests(self) -> bool:
        """Whether another stream can be begun: the other side has not said that it wants none."""
        return self.wire.is_open and self._wants_requests

    def open(self) -> Exchange:
        """Begin a stream; it gets its number with its headers."""
        exchange = Exchange()
        self.exchanges.append(exchange)
        return exchange

    def read(self) -> None:
        """Take in what has arrived, and answer what the protocol asks for."""
        while content := self.wire.receive():
            self._take(content)
        if content == b"":
            self._close(self.wire.ending)
        self._flush()

    def perform(self, exchange: Exchange, part: Part) -> bool:
        """Do a part of a script; False where a window is too small for it, or a write is left."""
        try:
            done = self._do(exchange, part)
        except StreamClosedError:  # the other side has ended the stream: the rest is for nobody
            exchange.drop()
            done = True
        self._flush()
        return done

    def _do(self, exchange: Exchange, part: Part) -> bool:
        match part:
            case Headers():
                self._send_headers(exchange, part)
            case Data():
                return self._send_data(exchange, part)
            case Raw():
                self._flush()
                self.wire.send(part.content)
            case Reset():
                self._reset(exchange, part.code)
            case Close():
                return self._end()
            case _:
                pass
        return True

    def _send_headers(self, exchange: Exchange, part: Headers) -> None:
        exchange.number = exchange.number or self._http2.get_next_available_stream_id()
        self._http2.send_headers(exchange.number, part.pairs, end_stream=part.end)

    def _send_data(self, exchange: Exchange, part: Data) -> bool:
        window = self._http2.local_flow_control_window(exchange.number)
        if part.content and len(part.content) > window:
            return False
        self._http2.send_data(exchange.number, part.content, end_stream=part.end)
        return True

    def _reset(self, exchange: Exchange, code: int) -> None:
        end_all([exchange], Ending.OURS)
        if exchange.number:
            self._http2.reset_stream(exchange.number, code)

    def _end(self) -> bool:
        if self.wire.has_unsent:
            return False
        self._close(Ending.OURS)
        return True

    def _close(self, ending: Ending) -> None:
        self.wire.close()
        end_all(self.exchanges, ending)

    def _flush(self) -> None:
        if self.wire.is_open:
            self.wire.send(self._http2.data_to_send())

    def _take(self, content: bytes) -> None:
        self._unread += content
        try:
            for frame in self._whole_frames():
                self._take_frame(frame)
        except ProtocolError:
            self._flush()  # h2 has prepared the GOAWAY that tells the other side why
            self._close(Ending.BROKEN)

    def _take_frame(self, frame: bytes) -> None:
        if frame[_TYPE] == _GOAWAY:
            # h2 would take no frame after it, though streams that are open may still be answered.
            self._note_goaway(int.from_bytes(frame[_GOAWAY_CODE]))
            return
        for event in self._http2.receive_data(frame):
            self._note(event)

    def _whole_frames(self) -> Iterator[bytes]:
        """Cut what has arrived into frames: h2 forgets what stands before a faulty one."""
        if self._preface and len(self._unread) >= self._preface:
            yield self._shift(self._preface)
            self._preface = 0
        while not self._preface and len(self._unread) >= _FRAME_HEADER:
            size = _FRAME_HEADER + int.from_bytes(self._unread[:3])
            if size > _LARGEST_FRAME:  # h2 would wait for all of it before it refuses it
                raise FrameTooLargeError
            if len(self._unread) < size:
                return
            yield self._shift(size)

    def _shift(self, size: int) -> bytes:
        first, self._unread = self._unread[:size], self._unread[size:]
        return first

    def _note(self, event: Event) -> None:
        match event:
            case RequestReceived():
                self._begun(event.stream_id).incoming.headers = tuple(event.headers)
            case ResponseReceived():
                self._find(event.stream_id).incoming.headers = tuple(event.headers)
            case DataReceived():
                self._note_data(event)
            case TrailersReceived():
                self._find(event.stream_id).incoming.trailers = tuple(event.headers)
            case StreamEnded():
                self._find(event.stream_id).incoming.end(Ending.END)
            case StreamReset():
                self._note_reset(event)
            case _:
                pass

    def _note_data(self, event: DataReceived) -> None:
        self._http2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        incoming = self._find(event.stream_id).incoming
        if event.data:
            incoming.chunks.append(event.data)
        elif event.stream_ended:
            incoming.bare_end = True

    def _note_reset(self, event: StreamReset) -> None:
        exchange = self._find(event.stream_id)
        exchange.incoming.code = int(event.error_code)
        end_all([exchange], Ending.RESET if event.remote_reset else Ending.BROKEN)

    def _note_goaway(self, code: int) -> None:
        self._wants_requests = False
        for exchange in self.exchanges if code else ():
            exchange.incoming.code = code

    def _begun(self, number: int) -> Exchange:
        exchange = Exchange(number)
        self.exchanges.append(exchange)
        self.fresh.append(exchange)
        return exchange

    def _find(self, number: int) -> Exchange:
        """Return the stream of a number; one that is over may still be spoken of."""
        found = (exchange for exchange in self.exchanges if exchange.number == number)
        return next(found, Exchange(number))


def _configuration(is_client: bool) -> H2Configuration:  # noqa: FBT001 - one private caller
    return H2Configuration(
        client_side=is_client,
        header_encoding=None,
        validate_outbound_headers=False,
        normalize_outbound_headers=False,
        validate_inbound_headers=False,
        normalize_inbound_headers=False,
    )
