import pytest

from wasmctl import messages
from wasmctl.envoy.peers import grpc, scripts
from wasmctl.envoy.peers.parts import (
    Await,
    AwaitBody,
    Close,
    Codec,
    Data,
    Headers,
    Hold,
    Reset,
    Rule,
    Stage,
)
from wasmctl.envoy.peers.process import Peers
from wasmctl.envoy.peers.protocol import Begin, Until
from wasmctl.envoy.peers.received import Ending, Received

_SECONDS = 30.0
_GET = messages.request("/")
_HTTP = pytest.mark.parametrize("codec", [Codec.HTTP2, Codec.HTTP1])


@_HTTP
def test_a_stream_goes_on_later(peers: Peers, codec: Codec) -> None:
    peers.reply("one", messages.response(200))
    request = messages.request("/", chunks=(b"a",))
    peers.begin(peers.ports["one"], scripts.open_ended(request), codec=codec)

    sent = peers.wait(seconds=_SECONDS, until=Until.REQUEST_SENT)
    peers.go_on((Data(content=b"b"), Data(content=b"c", end=True)))
    answer = peers.wait(seconds=_SECONDS)

    assert (sent.is_sent, sent.ended, sent.received) == (True, False, None)
    assert answer.received
    assert answer.received.complete
    assert [seen.message.chunks for seen in peers.seen("one")] == [(b"a", b"b", b"c")]


def test_streams_are_told_apart_on_one_connection(peers: Peers) -> None:
    for name in "abc":
        peers.begin(peers.ports["one"], scripts.cut(messages.request(f"/{name}")), stream=name)
    peers.seen("one", ended=3, seconds=_SECONDS)
    for number in (2, 0, 1):
        reply = messages.response(200 + number)
        peers.release("one", scripts.cut(reply), request=number)

    answers = [peers.wait(stream=name, seconds=_SECONDS).received for name in "abc"]

    assert [each.message.status for each in answers if each] == [200, 201, 202]
    assert {seen.connection for seen in peers.seen("one")} == {1}


def test_a_stream_that_was_begun_later_may_speak_first(peers: Peers) -> None:
    peers.reply("one", messages.response(200))
    peers.begin(peers.ports["one"], (Hold(),), stream="late")
    peers.send(peers.ports["one"], messages.request("/soon"), seconds=_SECONDS)

    late = scripts.cut(messages.request("/late"))
    peers.go_on(late, stream="late", instead=True)
    answer = peers.wait(stream="late", seconds=_SECONDS)

    assert answer.received
    assert answer.received.complete
    paths = [seen.message.values(b":path") for seen in peers.seen("one")]
    assert paths == [(b"/soon",), (b"/late",)]


@_HTTP
def test_a_connection_is_kept_by_its_name(peers: Peers, codec: Codec) -> None:
    peers.reply("one", messages.response(200))

    for name in ("x", "x", "y"):
        peers.begin(peers.ports["one"], scripts.cut(_GET), codec=codec, connection=name)
        peers.wait(seconds=_SECONDS)

    assert [seen.connection for seen in peers.seen("one")] == [1, 1, 2]


def test_a_busy_connection_of_http1_is_not_shared(peers: Peers) -> None:
    for name in "ab":
        script = scripts.cut(messages.request(f"/{name}"))
        peers.begin(peers.ports["one"], script, codec=Codec.HTTP1, stream=name)

    seen = peers.seen("one", ended=2, seconds=_SECONDS)

    assert {request.connection for request in seen} == {1, 2}


@_HTTP
def test_streams_that_are_begun_together_are_looked_at_together(peers: Peers, codec: Codec) -> None:
    begins = [
        Begin(
            stream=name,
            port=peers.ports["one"],
            codec=codec,
            connection=name,
            script=scripts.cut(messages.request(f"/{name}")),
            source="127.0.0.1",
        )
        for name in "abc"
    ]

    peers.begin_all(begins)
    seen = peers.seen("one", ended=3, seconds=_SECONDS)
    peers.release("one", scripts.cut(messages.response(200)), request=0)
    peers.wait(stream=_stream_of(seen[0]), seconds=_SECONDS)

    answers = peers.answers("abc")
    assert {request.connection for request in seen} == {1, 2, 3}
    assert sorted(answer.ended for answer in answers) == [False, False, True]


def _stream_of(request: Received) -> str:
    return request.message.values(b":path")[0].decode().removeprefix("/")


def test_a_client_breaks_off_at_the_told_point(peers: Peers) -> None:
    request = scripts.open_ended(messages.request("/", chunks=(b"a", b"b")))
    peers.begin(peers.ports["one"], (*request, Reset(code=5), Data(content=b"c")))

    (seen,) = peers.seen("one", ended=1, seconds=_SECONDS)

    assert seen.message.chunks == (b"a", b"b")
    assert (seen.ending, seen.code) == (Ending.RESET, 5)
    assert peers.wait(seconds=_SECONDS).ending is Ending.OURS


def test_a_client_of_http1_breaks_off_with_its_connection(peers: Peers) -> None:
    request = scripts.open_ended(messages.request("/", chunks=(b"a",)))
    peers.begin(peers.ports["one"], (*request, Close()), codec=Codec.HTTP1)

    (seen,) = peers.seen("one", ended=1, seconds=_SECONDS)

    assert (seen.message.chunks, seen.ending) == ((b"a",), Ending.CLOSED)


def test_what_is_left_to_do_can_be_replaced(peers: Peers) -> None:
    peers.begin(peers.ports["one"], (*scripts.open_ended(_GET), Await(), Data(content=b"never")))
    peers.seen("one", begun=1, seconds=_SECONDS)

    peers.go_on((Data(content=b"now", end=True),), instead=True)

    (seen,) = peers.seen("one", ended=1, seconds=_SECONDS)
    assert seen.message.chunks == (b"now",)


def test_a_stream_that_has_ended_does_nothing_more(peers: Peers) -> None:
    peers.reply("one", messages.response(200))
    answer = peers.send(peers.ports["one"], _GET, seconds=_SECONDS)

    peers.go_on((Data(content=b"more"),))

    assert peers.wait(seconds=_SECONDS) == answer


def test_a_wait_ends_when_nothing_happens(peers: Peers) -> None:
    peers.begin(peers.ports["one"], scripts.open_ended(_GET))

    answer = peers.wait(seconds=_SECONDS, quiet=0.01)

    assert (answer.received, answer.ended) == (None, False)


def test_a_pause_is_not_quiet(peers: Peers) -> None:
    peers.reply("one", messages.response(200))
    slow = messages.request("/", chunks=(b"a", b"b"))
    peers.begin(peers.ports["one"], scripts.cut(slow, gap=0.2))

    answer = peers.wait(seconds=_SECONDS, quiet=0.01)

    assert answer.received
    assert answer.received.complete


def test_two_sides_speak_by_turns(peers: Peers) -> None:
    first, second = grpc.frame(b"ping"), grpc.frame(b"ping again")
    opening = scripts.open_ended(grpc.request("s", "m"))
    answer = grpc.response(b"pong", b"pong again", trailing=((b"x-cost", b"\xff"),))
    headers, *pongs, trailers = scripts.cut(answer)
    turns = (headers, AwaitBody(size=len(first)), pongs[0], Await(), pongs[1], trailers)
    peers.follow("one", [Rule(script=turns)])

    peers.begin(
        peers.ports["one"],
        (
            *opening,
            Await(stage=Stage.HEADERS),
            Data(content=first),
            AwaitBody(content=b"pong"),
            Data(content=second, end=True),
        ),
    )
    received = peers.wait(seconds=_SECONDS).received

    assert received
    assert received.message == answer
    assert grpc.call(received.message).status == grpc.Status.OK
    (seen,) = peers.seen("one")
    assert grpc.call(seen.message).messages == (b"ping", b"ping again")


def test_a_client_may_half_close_and_read_on(peers: Peers) -> None:
    peers.follow("raw", [Rule(script=(Await(), Data(content=b"all"), Data(content=b"", end=True)))])

    peers.begin(peers.ports["raw"], (Data(content=b"ask", end=True),), codec=Codec.TCP)
    answer = peers.wait(seconds=_SECONDS)

    assert answer.received
    assert answer.received.message.body == b"all"
    assert [seen.complete for seen in peers.seen("raw")] == [True]


def test_a_client_may_reset_a_tcp_connection(peers: Peers) -> None:
    peers.begin(peers.ports["raw"], (Data(content=b"x"),), codec=Codec.TCP)
    peers.seen("raw", begun=1, seconds=_SECONDS)

    peers.go_on((Reset(),))

    assert [seen.ending for seen in peers.seen("raw", ended=1, seconds=_SECONDS)] == [
        Ending.ABORTED
    ]


def test_trailers_without_a_body_arrive(peers: Peers) -> None:
    trailers = ((b"x-sum", b"1"),)
    peers.begin(
        peers.ports["one"],
        (Headers(pairs=_GET.headers), Headers(pairs=trailers, end=True)),
        codec=Codec.HTTP1,
    )

    (seen,) = peers.seen("one", ended=1, seconds=_SECONDS)

    assert (seen.message.chunks, seen.message.trailers) == ((), trailers)
