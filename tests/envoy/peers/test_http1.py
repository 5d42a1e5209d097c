from collections.abc import Iterator
from functools import partial

import pytest

from tests.envoy.peers import pairs
from tests.envoy.peers.pairs import Pair
from wasmctl import messages
from wasmctl.envoy.peers.exchange import Exchange
from wasmctl.envoy.peers.http1 import Http1Connection
from wasmctl.envoy.peers.parts import Close, Data, Headers, Raw, Reset, Script
from wasmctl.envoy.peers.received import Ending
from wasmctl.envoy.peers.scripts import cut, open_ended
from wasmctl.messages import Message

_GET = messages.request("/")
_OK = messages.response(200)
_CHUNKED = (b"transfer-encoding", b"chunked")
_CLOSE = (b"connection", b"close")


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A client and a server."""
    sides = (partial(Http1Connection, is_client=True), partial(Http1Connection, is_client=False))
    with pairs.connected(*sides) as pair:
        yield pair


def _answered(pair: Pair, script: Script, request: Message = _GET) -> Exchange:
    exchange = pair.begin(cut(request))
    pair.next().add(script)
    pair.talk()
    return exchange


def test_a_request_arrives_with_its_exact_chunks_and_trailers(pair: Pair) -> None:
    request = messages.request(
        "/", headers=((b"X-Bytes", b"\xff"),), chunks=(b"a", b"bc"), trailers=((b"X-Sum", b"\xfe"),)
    )

    pair.begin(cut(request))

    received = pair.next().received
    assert received.message == Message(
        headers=(
            (b":method", b"GET"),
            (b":authority", b"example.test"),
            (b":path", b"/"),
            (b"X-Bytes", b"\xff"),
            _CHUNKED,
        ),
        chunks=(b"a", b"bc"),
        trailers=((b"X-Sum", b"\xfe"),),
    )
    assert received.complete


def test_a_response_arrives_with_its_exact_chunks(pair: Pair) -> None:
    received = _answered(pair, cut(messages.response(201, chunks=(b"1", b"23")))).received

    assert received.message == messages.response(201, headers=(_CHUNKED,), chunks=(b"1", b"23"))
    assert received.complete


def test_a_body_with_a_length_is_one_chunk(pair: Pair) -> None:
    length = ((b"content-length", b"3"),)

    received = _answered(
        pair, cut(messages.response(headers=length, chunks=(b"1", b"23")))
    ).received

    assert received.message.chunks == (b"123",)
    assert received.complete


def test_a_chunk_may_be_cut_anywhere(pair: Pair) -> None:
    head = Headers(pairs=(*messages.request("/").headers, _CHUNKED))
    exchange = pair.begin((head, Raw(content=b"5\r")))

    for piece in (b"\nhe", b"llo\r\n", b"0\r\n\r", b"\n"):
        exchange.add((Raw(content=piece),))
        pair.talk()

    assert pair.next().received.message.chunks == (b"hello",)
    assert pair.next().received.complete


def test_a_body_may_end_with_the_connection(pair: Pair) -> None:
    script = (Raw(content=b"HTTP/1.1 200 OK\r\n\r\nabc"), Close())

    received = _answered(pair, script).received

    assert received.message.chunks == (b"abc",)
    assert received.complete


def test_an_answer_to_head_has_no_body(pair: Pair) -> None:
    length = ((b"content-length", b"3"),)

    exchange = _answered(
        pair, cut(messages.response(headers=length)), messages.request("/", method="HEAD")
    )

    assert exchange.received.complete


def test_an_interim_response_is_not_the_answer(pair: Pair) -> None:
    interim = Headers(pairs=((b":status", b"100"),))

    received = _answered(pair, (interim, *cut(messages.response(204)))).received

    assert received.message == messages.response(204)


def test_a_connection_is_used_again(pair: Pair) -> None:
    _answered(pair, cut(_OK))
    may_go_on = pair.client.takes_requests

    second = _answered(pair, cut(messages.response(202)))

    assert may_go_on
    assert second.received.message.status == 202
    assert len(pair.server.fresh) == 2


def test_a_connection_that_is_busy_takes_no_request(pair: Pair) -> None:
    pair.begin(cut(_GET))

    assert not pair.client.takes_requests


def test_a_connection_that_is_to_end_takes_no_request(pair: Pair) -> None:
    exchange = _answered(pair, cut(messages.response(200, headers=(_CLOSE,))))

    assert exchange.received.complete
    assert not pair.client.takes_requests


def test_an_answer_may_come_before_the_request_has_ended(pair: Pair) -> None:
    exchange = pair.begin(open_ended(messages.request("/", chunks=(b"a",))))
    pair.next().add(cut(_OK))
    pair.talk()
    answered = exchange.received.complete

    exchange.add((Data(content=b"b", end=True),))
    pair.talk()

    assert answered
    assert pair.next().received.message.chunks == (b"a", b"b")
    assert pair.client.takes_requests


@pytest.mark.parametrize(("part", "ending"), [(Close(), "closed"), (Reset(), "aborted")])
def test_a_request_that_is_broken_off_is_unfinished(
    pair: Pair, part: Close | Reset, ending: str
) -> None:
    exchange = pair.begin((*open_ended(messages.request("/", chunks=(b"a",))), part))

    received = pair.next().received
    assert received.message.chunks == (b"a",)
    assert received.ending == ending
    assert exchange.received.ending is Ending.OURS


@pytest.mark.parametrize(("part", "ending"), [(Close(), "closed"), (Reset(), "aborted")])
def test_a_response_that_is_broken_off_is_unfinished(
    pair: Pair, part: Close | Reset, ending: str
) -> None:
    exchange = _answered(pair, (*open_ended(messages.response(chunks=(b"a",))), part))

    assert exchange.received.message.chunks == (b"a",)
    assert exchange.received.ending == ending


def test_a_connection_that_closes_without_an_answer_is_told(pair: Pair) -> None:
    exchange = _answered(pair, (Close(),))

    assert exchange.incoming.headers is None
    assert exchange.received.ending is Ending.CLOSED


def test_garbage_is_no_answer(pair: Pair) -> None:
    exchange = _answered(pair, (Raw(content=b"this is not HTTP\r\n\r\n"),))

    assert exchange.incoming.headers is None
    assert exchange.received.ending is Ending.BROKEN
