import pytest

from wasmctl import messages
from wasmctl.envoy.peers import scripts
from wasmctl.envoy.peers.parts import (
    Await,
    AwaitBody,
    Close,
    Codec,
    Data,
    Headers,
    Hold,
    Pause,
    Reset,
    Rule,
    Script,
)
from wasmctl.envoy.peers.process import Peers
from wasmctl.envoy.peers.protocol import Until
from wasmctl.envoy.peers.received import Answer, Ending

_SECONDS = 30.0
_OK = messages.response(200)
_GET = messages.request("/")
_HTTP = pytest.mark.parametrize("codec", [Codec.HTTP2, Codec.HTTP1])


def _answer(peers: Peers, script: Script, *, codec: Codec = Codec.HTTP2) -> Answer:
    peers.begin(peers.ports["one"], script, codec=codec)
    return peers.wait(seconds=_SECONDS)


def _status(answer: Answer) -> int | None:
    return answer.received.message.status if answer.received else None


def _reply(status: int) -> Script:
    return scripts.reply(messages.response(status))


@_HTTP
def test_the_first_rule_that_fits_is_followed(peers: Peers, codec: Codec) -> None:
    path = ((b":path", b"/a"),)
    peers.follow(
        "one",
        [
            Rule(when=(*path, (b"x", b"1")), script=_reply(201)),
            Rule(when=path, script=_reply(202)),
            Rule(script=_reply(203)),
        ],
    )
    requests = [
        messages.request("/a", headers=((b"x", b"1"),)),
        messages.request("/a", headers=((b"x", b"2"),)),
        messages.request("/b"),
    ]

    answers = [_answer(peers, scripts.cut(request), codec=codec) for request in requests]

    assert [_status(answer) for answer in answers] == [201, 202, 203]
    assert [seen.rule for seen in peers.seen("one")] == [0, 1, 2]


def test_a_rule_is_good_for_so_many_requests(peers: Peers) -> None:
    peers.follow("one", [Rule(script=_reply(201), times=2), Rule(script=_reply(202))])

    answers = [_answer(peers, scripts.cut(_GET)) for _ in range(3)]

    assert [_status(answer) for answer in answers] == [201, 201, 202]


@_HTTP
def test_a_request_without_a_rule_is_held_until_it_is_answered(peers: Peers, codec: Codec) -> None:
    peers.begin(peers.ports["one"], scripts.cut(_GET), codec=codec)

    waiting = peers.wait(seconds=_SECONDS, held=True)
    (held,) = peers.seen("one")
    released = peers.release("one", scripts.cut(_OK))
    answer = peers.wait(seconds=_SECONDS)

    assert (waiting.received, waiting.ended) == (None, False)
    assert (held.held, held.rule, held.complete) == (True, None, True)
    assert released
    assert _status(answer) == 200


def test_requests_are_released_in_any_order(peers: Peers) -> None:
    peers.follow("one", [Rule(script=scripts.hold())])
    for name in "ab":
        peers.begin(peers.ports["one"], scripts.cut(messages.request(f"/{name}")), stream=name)
    peers.seen("one", begun=2, seconds=_SECONDS)

    peers.release("one", scripts.cut(messages.response(202)), request=1)
    peers.release("one", scripts.cut(messages.response(201)))
    answers = [peers.wait(stream=name, seconds=_SECONDS) for name in "ab"]

    assert [_status(answer) for answer in answers] == [201, 202]
    assert not peers.release("one", ())


def test_a_held_request_is_told_once(peers: Peers) -> None:
    peers.begin(peers.ports["one"], scripts.cut(_GET), stream="first")
    peers.wait(stream="first", seconds=_SECONDS, held=True)
    peers.begin(peers.ports["one"], (Pause(seconds=0.05), *scripts.cut(_GET)), stream="second")

    second = peers.wait(stream="second", seconds=_SECONDS, held=True)

    assert second.is_sent
    assert [seen.held for seen in peers.seen("one")] == [True, True]


def test_an_answer_may_be_held_in_its_middle(peers: Peers) -> None:
    begun = scripts.open_ended(messages.response(chunks=(b"a",)))
    peers.follow("one", [Rule(script=(Await(), *begun, Hold(), Data(content=b"c", end=True)))])
    peers.begin(peers.ports["one"], scripts.cut(_GET))

    started = peers.wait(seconds=_SECONDS, until=Until.RESPONSE_STARTED)
    peers.seen("one", begun=1, seconds=_SECONDS)
    peers.release("one", (Data(content=b"b"),))
    answer = peers.wait(seconds=_SECONDS)

    assert started.received
    assert not started.ended
    assert answer.received
    assert answer.received.message.chunks == (b"a", b"b", b"c")


def test_silence_is_no_answer(peers: Peers) -> None:
    peers.follow("one", [Rule(script=scripts.silence())])

    peers.begin(peers.ports["one"], scripts.cut(_GET))

    assert peers.wait(seconds=_SECONDS, quiet=0.01) == Answer(received=None, ending=Ending.OPEN)
    assert [(seen.held, seen.rule) for seen in peers.seen("one")] == [(False, 0)]


def test_an_early_reply_does_not_wait_for_the_request(peers: Peers) -> None:
    peers.follow("one", [Rule(script=scripts.early_reply(_OK))])

    answer = _answer(peers, scripts.open_ended(_GET))

    assert _status(answer) == 200
    assert [seen.ending for seen in peers.seen("one")] == [Ending.OPEN]


@pytest.mark.parametrize(
    ("codec", "ending", "code"),
    [(Codec.HTTP2, Ending.RESET, 7), (Codec.HTTP1, Ending.ABORTED, None)],
)
def test_a_reset_instead_of_an_answer_is_told(
    peers: Peers, codec: Codec, ending: Ending, code: int | None
) -> None:
    peers.follow("one", [Rule(script=scripts.reset(7))])

    answer = _answer(peers, scripts.cut(_GET), codec=codec)

    assert answer == Answer(received=None, ending=ending, code=code)


@pytest.mark.parametrize(
    ("codec", "ending"), [(Codec.HTTP2, Ending.RESET), (Codec.HTTP1, Ending.ABORTED)]
)
def test_a_reset_after_the_headers_leaves_them(peers: Peers, codec: Codec, ending: Ending) -> None:
    peers.follow("one", [Rule(script=scripts.reset_after(messages.response(chunks=(b"a",))))])

    answer = _answer(peers, scripts.cut(_GET), codec=codec)

    assert answer.received
    assert answer.received.message.chunks == (b"a",)
    assert answer.ending is ending


@_HTTP
def test_garbage_breaks_the_connection(peers: Peers, codec: Codec) -> None:
    peers.follow("one", [Rule(script=scripts.garbage())])

    answer = _answer(peers, scripts.cut(_GET), codec=codec)

    assert answer == Answer(received=None, ending=Ending.BROKEN)


def test_a_refusing_upstream_is_not_reached_until_it_opens_again(peers: Peers) -> None:
    peers.reply("one", _OK)
    peers.begin(peers.ports["one"], scripts.open_ended(_GET), stream="kept")
    peers.seen("one", begun=1, seconds=_SECONDS)

    peers.refuse("one")
    refused = _answer(peers, scripts.cut(_GET))
    peers.refuse("one", refusing=False)
    taken = _answer(peers, scripts.cut(_GET))

    assert peers.wait(stream="kept", seconds=_SECONDS).ending is Ending.CLOSED
    assert refused.ending is Ending.REFUSED
    assert _status(taken) == 200


def test_the_version_is_the_one_that_is_spoken(peers: Peers) -> None:
    peers.reply("one", messages.response(chunks=(b"x",)))

    for codec in (Codec.HTTP1, Codec.HTTP2):
        _answer(peers, scripts.cut(_GET), codec=codec)

    names = [[name for name, _ in seen.message.headers] for seen in peers.seen("one")]
    assert [b":scheme" in each for each in names] == [False, True]
    assert [seen.connection for seen in peers.seen("one")] == [1, 2]


def test_the_three_states_of_a_request_are_told_apart(peers: Peers) -> None:
    never = peers.seen("one")
    peers.begin(peers.ports["one"], scripts.open_ended(messages.request("/", chunks=(b"a",))))
    (unfinished,) = peers.seen("one", begun=1, seconds=_SECONDS)
    peers.go_on((Headers(pairs=((b"x-sum", b"1"),), end=True),))
    (whole,) = peers.seen("one", ended=1, seconds=_SECONDS)

    assert never == ()
    assert (unfinished.complete, unfinished.message.trailers) == (False, ())
    assert (whole.complete, whole.message.trailers) == (True, ((b"x-sum", b"1"),))


def test_a_tcp_upstream_follows_its_script_from_the_beginning(peers: Peers) -> None:
    peers.follow(
        "raw",
        [
            Rule(
                script=(
                    Data(content=b"220 hello\r\n"),
                    AwaitBody(content=b"quit"),
                    Data(content=b"bye", end=True),
                )
            )
        ],
    )

    peers.begin(
        peers.ports["raw"],
        (AwaitBody(content=b"\n"), Data(content=b"qu"), Data(content=b"it"), Await(), Close()),
        codec=Codec.TCP,
    )
    answer = peers.wait(seconds=_SECONDS)

    assert answer.received
    assert answer.received.message.body == b"220 hello\r\nbye"
    assert answer.received.complete
    (seen,) = peers.seen("raw", ended=1, seconds=_SECONDS)
    assert (seen.message.body, seen.ending) == (b"quit", Ending.END)


@pytest.mark.parametrize(("part", "ending"), [(Close(), Ending.END), (Reset(), Ending.ABORTED)])
def test_a_tcp_upstream_may_break_off(peers: Peers, part: Close | Reset, ending: Ending) -> None:
    peers.follow("raw", [Rule(script=(AwaitBody(size=1), part))])

    peers.begin(peers.ports["raw"], (Data(content=b"x"),), codec=Codec.TCP)

    assert peers.wait(seconds=_SECONDS).ending is ending


def test_a_tcp_connection_without_a_rule_is_led_step_by_step(peers: Peers) -> None:
    peers.begin(peers.ports["raw"], (), codec=Codec.TCP)
    peers.seen("raw", begun=1, seconds=_SECONDS)

    for content in (b"one", b"two"):
        peers.release("raw", (Data(content=content), Hold()))
    peers.release("raw", (Data(content=b"", end=True),))
    answer = peers.wait(seconds=_SECONDS)

    assert answer.received
    assert answer.received.complete
    assert answer.received.message.body == b"onetwo"
