from collections.abc import Iterator
from functools import partial

import pytest

from tests.envoy.peers import pairs
from tests.envoy.peers.pairs import Pair
from wasmctl import messages
from wasmctl.envoy.peers.exchange import Exchange
from wasmctl.envoy.peers.http2 import Http2Connection
from wasmctl.envoy.peers.parts import Close, Data, Headers, Raw, Reset
from wasmctl.envoy.peers.received import Ending
from wasmctl.envoy.peers.scripts import cut, open_ended
from wasmctl.messages import FRAME_SIZE, Message

_GET = messages.request("/")
_OK = messages.response(200)


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A client and a server."""
    sides = (partial(Http2Connection, is_client=True), partial(Http2Connection, is_client=False))
    with pairs.connected(*sides) as pair:
        yield pair


def _received(pair: Pair, request: Message) -> Message:
    pair.begin(cut(request))
    return pair.next().received.message


def _answered(pair: Pair, answer: Message) -> Exchange:
    exchange = pair.begin(cut(_GET))
    pair.next().add(cut(answer))
    pair.talk()
    return exchange


@pytest.mark.parametrize(
    "request_",
    [
        messages.request("/"),
        messages.request("/", chunks=(b"a", b"bc", b"\x00\xff")),
        messages.request("/", chunks=(b"a",), trailers=((b"x-sum", b"\xff"),)),
        messages.request("/", trailers=((b"x-sum", b"1"),)),
        messages.request(
            "/", headers=((b"x-bytes", b"\xff\xfe"), (b"x-dup", b"1"), (b"x-dup", b"2"))
        ),
        Message(headers=((b":method", b"GET"), (b"X-Upper", b""))),
    ],
)
def test_a_request_arrives_as_it_was_cut(pair: Pair, request_: Message) -> None:
    assert _received(pair, request_) == request_


def test_a_response_arrives_as_it_was_cut(pair: Pair) -> None:
    reply = messages.response(200, chunks=(b"1", b"2"), trailers=((b"grpc-status", b"0"),))

    received = _answered(pair, reply).received

    assert received.message == reply
    assert received.complete


def test_an_interim_response_is_not_the_answer(pair: Pair) -> None:
    exchange = pair.begin(cut(_GET))
    pair.next().add((Headers(pairs=((b":status", b"103"),)), *cut(_OK)))
    pair.talk()

    assert exchange.received.message == _OK


def test_a_chunk_that_fits_no_frame_is_cut(pair: Pair) -> None:
    received = _received(pair, messages.request("/", chunks=(bytes(FRAME_SIZE + 1),)))

    assert [len(chunk) for chunk in received.chunks] == [FRAME_SIZE, 1]


def test_a_body_larger_than_the_windows_arrives_whole(pair: Pair) -> None:
    content = bytes(FRAME_SIZE)

    received = _received(pair, messages.request("/", chunks=(content,) * 8))

    assert received.chunks == (content,) * 8


@pytest.mark.parametrize("bare_end", [True, False])
def test_the_end_may_come_in_a_frame_of_its_own(pair: Pair, *, bare_end: bool) -> None:
    pair.begin(cut(messages.request("/", chunks=(b"a",)), bare_end=bare_end))

    received = pair.next().received
    assert received.complete
    assert received.message.chunks == (b"a",)
    assert received.bare_end is bare_end


def test_a_request_is_unfinished_until_its_end(pair: Pair) -> None:
    exchange = pair.begin(open_ended(messages.request("/", chunks=(b"a",))))
    unfinished = pair.next().received

    exchange.add((Data(content=b"b", end=True),))
    pair.talk()

    assert (unfinished.message.chunks, unfinished.ending) == ((b"a",), Ending.OPEN)
    assert pair.next().received.message.chunks == (b"a", b"b")
    assert pair.next().received.complete


def test_streams_of_one_connection_do_not_wait_for_each_other(pair: Pair) -> None:
    first, second = (pair.begin(cut(_GET)) for _ in range(2))

    for exchange, status in zip(reversed(pair.server.fresh), (202, 201), strict=True):
        exchange.add(cut(messages.response(status)))
        pair.talk()

    assert [each.received.message.status for each in (first, second)] == [201, 202]


@pytest.mark.parametrize("code", [0, 2, 7, 8])
def test_a_reset_arrives_with_its_code(pair: Pair, code: int) -> None:
    exchange = pair.begin((*open_ended(_GET), Reset(code=code), Data(content=b"never")))

    seen = pair.next().received
    assert (seen.ending, seen.code) == (Ending.RESET, code)
    assert exchange.received.ending is Ending.OURS


def test_a_reset_after_the_end_is_told_too(pair: Pair) -> None:
    exchange = pair.begin(open_ended(_GET))
    pair.next().add((*cut(_OK), Reset(code=0)))
    pair.talk()

    assert exchange.received.complete
    assert exchange.received.code == 0


def test_a_body_that_contradicts_its_length_keeps_what_came_before(pair: Pair) -> None:
    headers = ((b"content-length", b"1"),)

    pair.begin(cut(messages.request("/", headers=headers, chunks=(b"a", b"b"))))

    seen = pair.next().received
    assert seen.message.chunks == (b"a",)
    assert seen.ending is Ending.BROKEN
    assert not pair.server.wire.is_open


def test_what_is_no_frame_breaks_the_connection(pair: Pair) -> None:
    exchange = pair.begin((*open_ended(_GET), Raw(content=b"this is no frame at all")))

    assert pair.next().received.ending is Ending.BROKEN
    assert exchange.received.ending is Ending.CLOSED


def test_a_reply_to_a_stream_that_was_given_up_goes_nowhere(pair: Pair) -> None:
    exchange = pair.begin((*cut(_GET), Reset()))
    pair.next().add(cut(_OK))
    pair.talk()

    assert exchange.incoming.headers is None
    assert pair.next().is_played


def test_a_closed_connection_is_noticed(pair: Pair) -> None:
    exchange = pair.begin(cut(_GET))
    pair.next().add((Close(),))
    pair.talk()

    assert exchange.received.ending is Ending.CLOSED
    assert pair.next().received.complete
    assert not pair.client.takes_requests


@pytest.mark.parametrize(("code", "told"), [(0, None), (1, 1)])
def test_a_server_that_wants_no_more_may_still_answer(pair: Pair, code: int, told: int) -> None:
    goaway = b"\x00\x00\x08\x07\x00\x00\x00\x00\x00" + (1).to_bytes(4) + code.to_bytes(4)
    exchange = pair.begin(cut(_GET))

    pair.next().add((Raw(content=goaway), *cut(_OK)))
    pair.talk()

    assert not pair.client.takes_requests
    assert exchange.received.message == _OK
    assert exchange.received.code == told


def test_headers_may_be_large(pair: Pair) -> None:
    request = messages.request("/", headers=((b"x-large", b"x" * 70_000),))

    assert _received(pair, request) == request
