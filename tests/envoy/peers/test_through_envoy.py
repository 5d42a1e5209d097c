from collections.abc import Iterator

import pytest

from tests.envoy.peers import front
from tests.envoy.peers.front import Front
from wasmctl import messages
from wasmctl.envoy.peers import grpc, scripts
from wasmctl.envoy.peers.parts import (
    Await,
    AwaitBody,
    Close,
    Codec,
    Data,
    Part,
    Raw,
    Reset,
    Rule,
    Script,
    Stage,
)
from wasmctl.envoy.peers.received import Answer, Ending, Received
from wasmctl.messages import Message

_SECONDS = 30.0
_WEB = "web"
_RAW = "raw"
_OK = messages.response(200, headers=((b"date", b"now"),))
_WARM_UP = messages.request("/warm-up")
_FORWARDED = (b"x-forwarded-proto", b"http")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """An Envoy between the peers."""
    with front.running(tmp_path_factory.mktemp("envoy")) as found:
        yield found


@pytest.fixture
def envoy(running: Front) -> Front:
    """The same, with peers that remember nothing."""
    running.peers.forget()
    return running


def _begin(envoy: Front, script: Script, rule: Script, *, codec: Codec = Codec.HTTP2) -> None:
    envoy.peers.follow(_WEB, [Rule(script=rule)])
    envoy.peers.begin(envoy.http, script, codec=codec)


def _pass(
    envoy: Front, script: Script, rule: Script, *, codec: Codec = Codec.HTTP2
) -> tuple[Answer, Received]:
    """Let a request and what answers it pass; return what both sides saw."""
    _begin(envoy, script, rule, codec=codec)
    answer = envoy.peers.wait(seconds=_SECONDS)
    (seen,) = envoy.peers.seen(_WEB, ended=1, seconds=_SECONDS)
    return answer, seen


def _warm_up(envoy: Front, codec: Codec = Codec.HTTP2) -> None:
    """Let Envoy connect to the upstream: what comes before that, it joins."""
    envoy.peers.reply(_WEB, _OK)
    envoy.peers.begin(envoy.http, scripts.cut(_WARM_UP), codec=codec)
    envoy.peers.wait(seconds=_SECONDS)


def _message(answer: Answer) -> Message:
    assert answer.received
    return answer.received.message


def test_frames_and_trailers_pass_as_they_are(envoy: Front) -> None:
    fields = ((b"x-bytes", b"\xff\xfe"), (b"x-dup", b"1"), (b"x-dup", b"2"))
    request = messages.request(
        "/", headers=fields, chunks=(b"a", b"bc", b"\x00"), trailers=((b"x-sum", b"\xfd"),)
    )
    reply = messages.response(
        headers=(*fields, (b"date", b"now")), chunks=(b"1", b"23"), trailers=((b"x-sum", b"\xfc"),)
    )
    _warm_up(envoy)
    envoy.peers.reply(_WEB, reply)

    envoy.peers.begin(envoy.http, scripts.cut(request))
    answer = envoy.peers.wait(seconds=_SECONDS)

    assert _message(answer) == reply
    seen = envoy.peers.seen(_WEB)[-1].message
    assert seen.headers == (*request.headers, _FORWARDED)
    assert (seen.chunks, seen.trailers) == (request.chunks, request.trailers)


def test_frames_that_follow_when_the_headers_have_arrived_pass_as_they_are(envoy: Front) -> None:
    headers, *rest = scripts.cut(messages.request("/", chunks=(b"a", b"bc", b"d")))
    _begin(envoy, (headers,), scripts.reply(_OK))

    envoy.peers.seen(_WEB, begun=1, seconds=_SECONDS)
    envoy.peers.go_on(tuple(rest))
    (seen,) = envoy.peers.seen(_WEB, ended=1, seconds=_SECONDS)

    assert seen.message.chunks == (b"a", b"bc", b"d")


@pytest.mark.parametrize("bare_end", [True, False])
def test_the_end_passes_where_it_stands(envoy: Front, *, bare_end: bool) -> None:
    _warm_up(envoy)
    reply = scripts.cut(messages.response(chunks=(b"1",)), bare_end=bare_end)
    envoy.peers.follow(_WEB, [Rule(script=(Await(), *reply))])
    request = scripts.cut(messages.request("/", chunks=(b"a",)), bare_end=bare_end)

    envoy.peers.begin(envoy.http, request)
    answer = envoy.peers.wait(seconds=_SECONDS)

    assert answer.received
    assert answer.received.bare_end is bare_end
    assert envoy.peers.seen(_WEB)[-1].bare_end is bare_end


def test_chunks_of_http1_that_arrive_together_are_one(envoy: Front) -> None:
    _warm_up(envoy, Codec.HTTP1)
    head = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"

    envoy.peers.begin(
        envoy.http, (Raw(content=head + b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"),), codec=Codec.HTTP1
    )
    envoy.peers.wait(seconds=_SECONDS)

    seen = envoy.peers.seen(_WEB)[-1]
    assert (seen.message.chunks, seen.bare_end) == ((b"abc",), True)


def test_chunks_of_http1_that_arrive_apart_are_several(envoy: Front) -> None:
    request = scripts.open_ended(messages.request("/", chunks=(b"a",)))
    rule = (*scripts.open_ended(_OK), AwaitBody(size=1), Data(content=b"1"), Await())
    _begin(
        envoy,
        (*request, AwaitBody(size=1), Data(content=b"bc"), Data(content=b"", end=True)),
        (*rule, Data(content=b"", end=True)),
        codec=Codec.HTTP1,
    )

    envoy.peers.wait(seconds=_SECONDS)

    (seen,) = envoy.peers.seen(_WEB)
    assert (seen.message.chunks, seen.bare_end) == ((b"a", b"bc"), True)


def test_trailers_pass_over_http1(envoy: Front) -> None:
    trailers = ((b"x-sum", b"\xff"),)
    request = messages.request("/1", chunks=(b"a",), trailers=trailers)
    reply = messages.response(chunks=(b"1",), trailers=trailers)

    answer, seen = _pass(envoy, scripts.cut(request), scripts.reply(reply), codec=Codec.HTTP1)

    assert (_message(answer).chunks, _message(answer).trailers) == ((b"1",), trailers)
    assert (seen.message.chunks, seen.message.trailers) == ((b"a",), trailers)


def test_a_length_passes_over_http1(envoy: Front) -> None:
    length = (b"content-length", b"3")
    request = messages.request("/1", headers=(length,), chunks=(b"a", b"bc"))
    reply = messages.response(headers=(length,), chunks=(b"1", b"23"))

    answer, seen = _pass(envoy, scripts.cut(request), scripts.reply(reply), codec=Codec.HTTP1)

    assert _message(answer).chunks == (b"123",)
    assert seen.message.chunks == (b"abc",)
    assert length in _message(answer).headers
    assert length in seen.message.headers


def test_connections_of_http1_are_kept_on_both_sides(envoy: Front) -> None:
    envoy.peers.reply(_WEB, _OK)

    for _ in range(2):
        envoy.peers.begin(envoy.http, scripts.cut(messages.request("/1")), codec=Codec.HTTP1)
        answer = envoy.peers.wait(seconds=_SECONDS)
        assert answer.received
        assert answer.received.connection == 1

    assert [seen.connection for seen in envoy.peers.seen(_WEB)] == [1, 1]


@pytest.mark.parametrize(
    ("path", "rule", "status", "reason"),
    [
        ("/", scripts.reset(2), 503, b"remote reset"),
        ("/1", scripts.reset(), 503, b"connection termination"),
        ("/1", (Await(), Close()), 503, b"connection termination"),
        ("/", scripts.garbage(), 502, b"protocol error"),
        ("/1", scripts.garbage(), 502, b"protocol error"),
    ],
)
def test_an_upstream_that_fails_is_answered_for(
    envoy: Front, path: str, rule: Script, status: int, reason: bytes
) -> None:
    answer, _ = _pass(envoy, scripts.cut(messages.request(path)), rule)

    assert _message(answer).status == status
    assert _message(answer).body.endswith(reason)


@pytest.mark.parametrize("path", ["/", "/1"])
def test_an_upstream_that_refuses_is_never_reached(envoy: Front, path: str) -> None:
    envoy.peers.refuse(_WEB)

    answer = envoy.peers.send(envoy.http, messages.request(path), seconds=_SECONDS)

    assert _message(answer).status == 503
    assert _message(answer).body.endswith(b"remote connection failure")
    assert envoy.peers.seen(_WEB) == ()


@pytest.mark.parametrize("path", ["/", "/1"])
def test_an_answer_that_is_broken_off_reaches_the_client_as_a_reset(
    envoy: Front, path: str
) -> None:
    # The client says that it has the body: a reset may overtake what is sent before it.
    answer, _ = _pass(
        envoy,
        (*scripts.open_ended(messages.request(path)), AwaitBody(size=1), Data(content=b"!")),
        (*scripts.open_ended(messages.response(chunks=(b"1",))), AwaitBody(size=1), Reset()),
    )

    assert _message(answer).chunks == (b"1",)
    assert answer.ending is Ending.RESET


def test_a_request_that_is_broken_off_is_unfinished_at_the_upstream(envoy: Front) -> None:
    request = scripts.open_ended(messages.request("/", chunks=(b"ab",)))

    answer, seen = _pass(
        envoy,
        (*request, AwaitBody(size=1), Reset()),
        (AwaitBody(size=2), *scripts.open_ended(messages.response(chunks=(b"1",)))),
    )

    assert answer.ending is Ending.OURS
    assert seen.message.body == b"ab"
    # Envoy tells its own code, not the client's CANCEL.
    assert (seen.ending, seen.code) == (Ending.RESET, 2)


def test_an_early_answer_ends_the_request(envoy: Front) -> None:
    request = scripts.open_ended(messages.request("/", chunks=(b"a",)))

    answer, seen = _pass(envoy, request, scripts.early_reply(messages.response(403)))

    assert _message(answer).status == 403
    assert answer.received
    assert answer.received.complete
    assert seen.ending is Ending.RESET


def test_answers_are_released_out_of_order(envoy: Front) -> None:
    for name in "ab":
        envoy.peers.begin(envoy.http, scripts.cut(messages.request(f"/{name}")), stream=name)
        envoy.peers.wait(stream=name, seconds=_SECONDS, held=True)

    envoy.peers.release(_WEB, scripts.cut(messages.response(202)), request=1)
    second = envoy.peers.wait(stream="b", seconds=_SECONDS)
    first = envoy.peers.wait(stream="a", seconds=0)
    envoy.peers.release(_WEB, scripts.cut(messages.response(201)))
    last = envoy.peers.wait(stream="a", seconds=_SECONDS)

    assert first.received is None
    assert (_message(second).status, _message(last).status) == (202, 201)


def test_a_unary_call_of_grpc_passes(envoy: Front) -> None:
    request = grpc.request("shop.Cart", "Add", b"\x0a\x01x", metadata=((b"x-user", b"ada"),))
    reply = grpc.response(b"\x08\x01", initial=((b"x-a", b"1"),), trailing=((b"x-b", b"2"),))

    answer, seen = _pass(envoy, scripts.cut(request), scripts.reply(reply))

    assert grpc.call(seen.message).messages == (b"\x0a\x01x",)
    assert (b"x-user", b"ada") in seen.message.headers
    told = grpc.call(_message(answer))
    assert (told.messages, told.status) == ((b"\x08\x01",), grpc.Status.OK)
    assert (b"x-a", b"1") in _message(answer).headers
    assert _message(answer).trailers == reply.trailers


def test_both_sides_of_a_call_of_grpc_speak_by_turns(envoy: Front) -> None:
    headers, *questions = scripts.cut(grpc.request("s", "Chat", b"one", b"two"))
    begun, first, second, ended = scripts.cut(grpc.response(b"ONE", b"TWO"))

    answer, seen = _pass(
        envoy,
        (headers, Await(stage=Stage.HEADERS), questions[0], AwaitBody(size=8), questions[1]),
        (begun, AwaitBody(size=8), first, Await(), second, ended),
    )

    assert _message(answer).chunks == (grpc.frame(b"ONE"), grpc.frame(b"TWO"))
    assert seen.message.chunks == (grpc.frame(b"one"), grpc.frame(b"two"))


def test_a_call_of_grpc_may_be_nothing_but_a_status(envoy: Front) -> None:
    rule = scripts.reply(grpc.failure(grpc.Status.NOT_FOUND, b"no such cart"))

    answer, _ = _pass(envoy, scripts.cut(grpc.request("shop.Cart", "Add", b"")), rule)

    told = grpc.call(_message(answer))
    assert (told.status, told.text) == (grpc.Status.NOT_FOUND, b"no such cart")
    assert not _message(answer).trailers


def _connect(envoy: Front, client: Script, server: Script) -> tuple[Answer, Received]:
    envoy.peers.follow(_RAW, [Rule(script=server)])
    envoy.peers.begin(envoy.tcp, client, codec=Codec.TCP)
    answer = envoy.peers.wait(seconds=_SECONDS)
    (seen,) = envoy.peers.seen(_RAW, ended=1, seconds=_SECONDS)
    return answer, seen


def test_a_half_close_of_the_client_passes_and_the_answer_comes(envoy: Front) -> None:
    answer, seen = _connect(
        envoy,
        (Data(content=b"hello", end=True),),
        (Await(), Data(content=b"all of "), Data(content=b"it", end=True)),
    )

    assert (seen.message.body, seen.ending) == (b"hello", Ending.END)
    assert (_message(answer).body, answer.ending) == (b"all of it", Ending.END)


def test_a_half_close_of_the_upstream_passes_and_the_client_goes_on(envoy: Front) -> None:
    answer, seen = _connect(
        envoy,
        (Data(content=b"hello"), Await(), Data(content=b" again", end=True)),
        (AwaitBody(size=5), Data(content=b"bye", end=True)),
    )

    assert (_message(answer).body, answer.ending) == (b"bye", Ending.END)
    assert (seen.message.body, seen.ending) == (b"hello again", Ending.END)


@pytest.mark.parametrize(("part", "ending"), [(Reset(), Ending.ABORTED), (Close(), Ending.END)])
def test_the_upstream_sees_how_the_client_broke_off(
    envoy: Front, part: Part, ending: Ending
) -> None:
    answer, seen = _connect(
        envoy,
        (Data(content=b"hello"), AwaitBody(size=2), part),
        (AwaitBody(size=5), Data(content=b"hi")),
    )

    assert answer.ending is Ending.OURS
    assert (seen.message.body, seen.ending) == (b"hello", ending)


@pytest.mark.parametrize(("part", "ending"), [(Reset(), Ending.ABORTED), (Close(), Ending.END)])
def test_the_client_sees_how_the_upstream_broke_off(
    envoy: Front, part: Part, ending: Ending
) -> None:
    # The client says that it has the answer: a reset may overtake what is sent before it.
    answer, seen = _connect(
        envoy,
        (Data(content=b"hello"), AwaitBody(size=2), Data(content=b"!")),
        (AwaitBody(size=5), Data(content=b"hi"), AwaitBody(content=b"!"), part),
    )

    assert (_message(answer).body, answer.ending) == (b"hi", ending)
    assert seen.ending is Ending.OURS


def test_an_upstream_that_refuses_ends_the_connection(envoy: Front) -> None:
    envoy.peers.refuse(_RAW)

    envoy.peers.begin(envoy.tcp, (Data(content=b"hello"),), codec=Codec.TCP)
    answer = envoy.peers.wait(seconds=_SECONDS)

    assert _message(answer).body == b""
    assert answer.ended
    assert envoy.peers.seen(_RAW) == ()
