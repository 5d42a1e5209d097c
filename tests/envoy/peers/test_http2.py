import socket
from collections.abc import Iterator

import pytest

from wasmctl import messages
from wasmctl.envoy.peers.http2 import FRAME_SIZE, Http2Connection
from wasmctl.messages import Message


class _Pair:
    """Two connected sides."""

    def __init__(self, client: Http2Connection, server: Http2Connection) -> None:
        self.client = client
        self.server = server

    def exchange(self) -> None:
        """Let both sides read what has arrived, until there is nothing more."""
        for _ in range(20):
            self.server.read()
            self.client.read()


@pytest.fixture
def pair() -> Iterator[_Pair]:
    """A client and a server."""
    listening = socket.create_server(("127.0.0.1", 0))
    client = Http2Connection(socket.create_connection(listening.getsockname()), is_client=True)
    server = Http2Connection(listening.accept()[0], is_client=False)
    listening.close()
    yield _Pair(client, server)
    client.close()
    server.close()


def _received(pair: _Pair, request: Message) -> Message:
    number = pair.client.begin(request)
    pair.exchange()
    return pair.server.streams[number].received.message


@pytest.mark.parametrize(
    "request_",
    [
        messages.request("/"),
        messages.request("/", chunks=(b"a", b"bc", b"\x00\xff")),
        messages.request("/", chunks=(b"a",), trailers=((b"x-sum", b"1"),)),
        messages.request("/", trailers=((b"x-sum", b"1"),)),
        messages.request(
            "/", headers=((b"x-bytes", b"\xff\xfe"), (b"x-dup", b"1"), (b"x-dup", b"2"))
        ),
        Message(headers=((b":method", b"GET"), (b"X-Upper", b""))),
    ],
)
def test_a_request_arrives_as_it_was_cut(pair: _Pair, request_: Message) -> None:
    assert _received(pair, request_) == request_


def test_a_response_arrives_as_it_was_cut(pair: _Pair) -> None:
    reply = messages.response(200, chunks=(b"1", b"2"), trailers=((b"grpc-status", b"0"),))
    number = pair.client.begin(messages.request("/"))
    pair.exchange()

    pair.server.send(number, reply)
    pair.exchange()

    answer = pair.client.streams[number].received
    assert answer.message == reply
    assert answer.complete


def test_a_chunk_that_fits_no_frame_is_cut(pair: _Pair) -> None:
    content = bytes(FRAME_SIZE + 1)

    received = _received(pair, messages.request("/", chunks=(content,)))

    assert [len(chunk) for chunk in received.chunks] == [FRAME_SIZE, 1]


def test_a_body_larger_than_the_windows_arrives_whole(pair: _Pair) -> None:
    content = bytes(FRAME_SIZE)

    received = _received(pair, messages.request("/", chunks=(content,) * 8))

    assert received.chunks == (content,) * 8


def test_a_request_is_complete_only_with_its_end(pair: _Pair) -> None:
    # The window is 65,535 bytes, and the server does not read: the end cannot be sent.
    number = pair.client.begin(messages.request("/", chunks=(bytes(FRAME_SIZE),) * 5))
    pair.server.read()

    assert not pair.client.is_sent(number)
    assert not pair.server.streams[number].complete


def test_a_cancelled_stream_is_reset(pair: _Pair) -> None:
    number = pair.client.begin(messages.request("/", chunks=(bytes(FRAME_SIZE),) * 5))
    pair.client.cancel(number)

    pair.exchange()

    seen = pair.server.streams[number].received
    assert not seen.complete
    assert seen.reset == 8


def test_a_body_that_contradicts_its_length_keeps_what_came_before(pair: _Pair) -> None:
    headers = ((b"content-length", b"1"),)
    number = pair.client.begin(messages.request("/", headers=headers, chunks=(b"a", b"b")))

    pair.exchange()

    seen = pair.server.streams[number].received
    assert seen.message.chunks == (b"a",)
    assert not seen.complete
    assert not pair.server.is_open


def test_a_reply_to_a_stream_that_was_given_up_goes_nowhere(pair: _Pair) -> None:
    number = pair.client.begin(messages.request("/"))
    pair.exchange()
    pair.client.cancel(number)
    pair.exchange()

    pair.server.send(number, messages.response(200))
    pair.exchange()

    assert pair.client.streams[number].headers is None
    assert pair.server.is_sent(number)


def test_a_closed_connection_is_noticed(pair: _Pair) -> None:
    number = pair.client.begin(messages.request("/"))
    pair.exchange()

    pair.server.close()
    pair.client.read()

    assert not pair.client.is_open
    assert not pair.client.streams[number].complete
