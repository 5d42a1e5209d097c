"""One HTTP/2 connection with prior knowledge, either side: messages in, messages out.

A message is sent frame by frame as it is cut: one DATA frame a chunk (more only where a chunk is
larger than a frame may be), END_STREAM on the last frame. So Envoy calls the plugin once for each
chunk. Nothing that is received is checked or corrected, as far as h2 lets it pass.
"""

import contextlib
import socket
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RequestReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import ProtocolError

from wasmctl.envoy.peers.protocol import Received
from wasmctl.messages import Message, Pair

# RFC 9113: what every receiver takes (section 4.2), the layout of a frame (4.1), what a client
# says first (3.4).
FRAME_SIZE = 16384
_FRAME_HEADER = 9
_PREFACE = 24
_READ_SIZE = 65536


@dataclass(kw_only=True)
class Incoming:
    """A message that is being received; ``headers`` is None before it begins."""

    headers: tuple[Pair, ...] | None = None
    chunks: list[bytes] = field(default_factory=list)
    trailers: tuple[Pair, ...] = ()
    complete: bool = False
    reset: int | None = None

    @property
    def received(self) -> Received:
        """The message so far."""
        message = Message(
            headers=self.headers or (), chunks=tuple(self.chunks), trailers=self.trailers
        )
        return Received(message=message, complete=self.complete, reset=self.reset)


@dataclass(frozen=True, kw_only=True)
class _Frame:
    """A frame to be sent: DATA where it has ``content``, else HEADERS."""

    content: bytes | None = None
    headers: tuple[Pair, ...] = ()


class Http2Connection:
    """An open socket that speaks HTTP/2.

    Attributes:
        streams: what has been received, by the stream's number, in the order of its beginning.
        takes_requests: False once the other side has said that it wants no more.

    """

    def __init__(self, peer: socket.socket, *, is_client: bool) -> None:
        peer.settimeout(0)
        # Frames go out as they are made: the system would hold small ones back for 40 ms.
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = peer
        self.streams: dict[int, Incoming] = {}
        self.is_open = True
        self.takes_requests = True
        self._frames: dict[int, deque[_Frame]] = {}
        self._unread = b""
        self._preface = 0 if is_client else _PREFACE
        self._unsent = bytearray()
        self._http2 = H2Connection(_configuration(is_client))
        self._http2.initiate_connection()
        self.write()

    @property
    def has_unsent(self) -> bool:
        """Whether bytes wait for the socket to take them."""
        return bool(self._unsent)

    def begin(self, request: Message) -> int:
        """Send a request; return the number of its stream."""
        number = self._http2.get_next_available_stream_id()
        self.send(number, request)
        return number

    def send(self, number: int, message: Message) -> None:
        """Send a message in a stream, as fast as the other side's windows allow."""
        self.streams.setdefault(number, Incoming())
        self._frames[number] = deque(_cut(message))
        self.write()

    def is_sent(self, number: int) -> bool:
        """Return whether the message of a stream has been sent whole."""
        return not self._frames.get(number)

    def cancel(self, number: int) -> None:
        """Give a stream up."""
        self._frames.pop(number, None)
        with contextlib.suppress(ProtocolError):  # it is closed already
            self._http2.reset_stream(number, ErrorCodes.CANCEL)
        self.write()

    def read(self) -> None:
        """Take in what has arrived, and answer what the protocol asks for."""
        while self.is_open:
            try:
                content = self.socket.recv(_READ_SIZE)
            except BlockingIOError:
                break
            except OSError:
                content = b""
            self._take(content)
        self.write()

    def write(self) -> None:
        """Send what the windows and the socket take now."""
        for number, frames in self._frames.items():
            self._send_frames(number, frames)
        self._unsent += self._http2.data_to_send()
        try:
            sent = self.socket.send(self._unsent) if self._unsent else 0
        except BlockingIOError:
            return
        except OSError:
            self.close()
            return
        del self._unsent[:sent]

    def close(self) -> None:
        """Close the connection; what is incomplete stays so."""
        self.is_open = False
        self._unsent.clear()
        self.socket.close()

    def _send_frames(self, number: int, frames: deque[_Frame]) -> None:
        try:
            while frames and self._fits(number, frames[0]):
                self._send_frame(number, frames.popleft(), is_last=not frames)
        except ProtocolError:  # the other side has ended the stream: the rest is for nobody
            frames.clear()

    def _fits(self, number: int, frame: _Frame) -> bool:
        needed = len(frame.content or b"")
        return not needed or needed <= self._http2.local_flow_control_window(number)

    def _send_frame(self, number: int, frame: _Frame, *, is_last: bool) -> None:
        if frame.content is None:
            self._http2.send_headers(number, frame.headers, end_stream=is_last)
        else:
            self._http2.send_data(number, frame.content, end_stream=is_last)

    def _take(self, content: bytes) -> None:
        if not content:
            self.close()
            return
        self._unread += content
        for frame in self._whole_frames():
            try:
                events = self._http2.receive_data(frame)
            except ProtocolError:
                # h2 has prepared the GOAWAY that tells the other side why.
                self.write()
                self.close()
                return
            for event in events:
                self._note(event)

    def _whole_frames(self) -> Iterator[bytes]:
        """Cut what has arrived into frames: h2 forgets what stands before a faulty one."""
        if self._preface and len(self._unread) >= self._preface:
            yield self._shift(self._preface)
            self._preface = 0
        while not self._preface and len(self._unread) >= _FRAME_HEADER:
            size = _FRAME_HEADER + int.from_bytes(self._unread[:3])
            if len(self._unread) < size:
                return
            yield self._shift(size)

    def _shift(self, size: int) -> bytes:
        first, self._unread = self._unread[:size], self._unread[size:]
        return first

    def _note(self, event: Event) -> None:
        match event:
            case RequestReceived() | ResponseReceived():
                self._incoming(event.stream_id).headers = tuple(event.headers)
            case DataReceived():
                self._note_data(event)
            case TrailersReceived():
                self._incoming(event.stream_id).trailers = tuple(event.headers)
            case StreamEnded():
                self._incoming(event.stream_id).complete = True
            case StreamReset():
                self._incoming(event.stream_id).reset = event.error_code
            case ConnectionTerminated():
                self.takes_requests = False
            case _:
                pass

    def _note_data(self, event: DataReceived) -> None:
        self._http2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        if event.data:
            self._incoming(event.stream_id).chunks.append(event.data)

    def _incoming(self, number: int) -> Incoming:
        return self.streams.setdefault(number, Incoming())


def _configuration(is_client: bool) -> H2Configuration:  # noqa: FBT001 - one private caller
    return H2Configuration(
        client_side=is_client,
        header_encoding=None,
        validate_outbound_headers=False,
        normalize_outbound_headers=False,
        validate_inbound_headers=False,
        normalize_inbound_headers=False,
    )


def _cut(message: Message) -> Iterator[_Frame]:
    yield _Frame(headers=message.headers)
    for chunk in message.chunks:
        for start in range(0, len(chunk) or 1, FRAME_SIZE):
            yield _Frame(content=chunk[start : start + FRAME_SIZE])
    if message.trailers:
        yield _Frame(headers=message.trailers)
