"""Callouts: statuses, outcomes, and what is readable when. All were measured on Envoy 1.40."""

import pytest

from tests.host.conftest import Start
from tests.host.plugins import OUT, UNREACHABLE, VALUE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages
from wasmctl.abi.wire import encode_pairs
from wasmctl.host.callout import Callout, CalloutState
from wasmctl.messages import Message, Pair
from wasmctl.outcomes import HELD, Failure, Outcome, reply

MILLISECOND = 1_000_000
REQUEST = messages.request("/")
PSEUDO: tuple[Pair, ...] = ((b":method", b"GET"), (b":path", b"/c"), (b":authority", b"auth"))
TOKEN = "(call $tell (i32.load (i32.const 24)))"
COUNTS = [f"(call $tell (local.get {index}))" for index in range(1, 5)]
STATUS: list[Statement] = [
    ("proxy_get_status", 28, *OUT),
    "(call $tell (i32.load (i32.const 28)))",
    VALUE,
]
BODY: list[Statement] = [
    "(i64.store (i32.const 16) (i64.const 0))",
    ("?proxy_get_buffer_bytes", 4, 0, 100, *OUT),
    VALUE,
]


def call(
    *,
    to: bytes = b"c",
    headers: tuple[Pair, ...] = PSEUDO,
    body: bytes = b"",
    timeout: int = 1000,
) -> Statement:
    return ("?proxy_http_call", to, encode_pairs(headers), body, b"", timeout, 24)


def header(map_type: int, name: bytes) -> list[Statement]:
    clear = "(i64.store (i32.const 16) (i64.const 0))"
    return [clear, ("?proxy_get_header_map_value", map_type, name, *OUT), VALUE]


def outcome_of(start: Start, outcome: Outcome, statements: list[Statement]) -> list[str]:
    """What the plugin tells when it hears of a callout with this outcome."""
    made = plugin({"request_headers": [call()], "http_call_response": statements})
    host = start(made, clusters={"c": lambda _: outcome})
    host.http(REQUEST)
    host.advance(1000 * MILLISECOND)
    return texts(host)[1:]


REPLY = messages.response(
    headers=((b"x-a", b"1"),), chunks=(b"hel", b"lo"), trailers=((b"t", b"v"),)
)


def test_a_response_has_its_headers_its_body_and_its_trailers(start: Start) -> None:
    statements = [*COUNTS, *header(6, b"x-a"), *header(7, b"T"), *BODY, *STATUS]

    told = outcome_of(start, reply(REPLY), statements)

    assert told == ["04", "03", "05", "01", "00", "1", "00", "v", "00", "hello", "00", ""]


def test_a_response_tells_how_long_it_took(start: Start) -> None:
    name = b"x-envoy-upstream-service-time"

    told = outcome_of(start, reply(REPLY, delay=7 * MILLISECOND), header(6, name))

    assert told == ["00", "7"]


def test_a_response_without_trailers_has_no_map_of_them(start: Start) -> None:
    pairs: list[Statement] = [("?proxy_get_header_map_pairs", 7, *OUT)]

    told = outcome_of(start, reply(messages.response(204)), [*header(7, b"t"), *pairs, COUNTS[3]])

    assert told == ["02", "", "00", "00"]


_RESET = "upstream connect error or disconnect/reset before headers. reset reason: "
_FAILURES = {
    Failure.REFUSED: ["503", _RESET + "remote connection failure"],
    Failure.RESET: ["503", _RESET + "remote reset"],
    Failure.TIMEOUT: ["504", "upstream request timeout"],
}


@pytest.mark.parametrize("failure", _FAILURES)
def test_what_fails_before_a_response_is_a_response_of_envoys(
    start: Start, failure: Failure
) -> None:
    statements = [*header(6, b":status"), *header(6, b"content-type"), *BODY, *STATUS]

    told = outcome_of(start, Outcome(failure=failure), statements)

    status, body = _FAILURES[failure]
    assert told == ["00", status, "00", "text/plain", "00", body, "00", ""]


_BROKEN = {
    "reset": Outcome(message=REPLY, failure=Failure.RESET),
    "too slow": Outcome(message=REPLY, failure=Failure.TIMEOUT),
    "too large": reply(messages.response(chunks=(bytes((32 << 20) + 1),))),
}


@pytest.mark.parametrize("name", _BROKEN)
def test_what_fails_behind_the_headers_is_a_reset(start: Start, name: str) -> None:
    statements = [*COUNTS, *header(6, b":status"), *BODY, *STATUS]

    told = outcome_of(start, _BROKEN[name], statements)

    assert told == ["04", "00", "00", "00", "02", "", "01", "", "11", "reset"]


def test_the_code_of_a_failure_stays_and_its_message_goes(start: Start) -> None:
    made = plugin({"request_headers": [call()], "request_body": STATUS, "log": STATUS})
    host = start(made, clusters={"c": lambda _: _BROKEN["reset"]})

    host.http(REQUEST)
    host.http(REQUEST)

    assert texts(host) == ["00", "11", "", "00", "11", ""]


_REFUSALS: dict[str, tuple[Statement, str]] = {
    "an unknown cluster": (call(to=b"d"), "02"),
    "no cluster": (call(to=b""), "02"),
    "a negative timeout": (call(timeout=-1), "02"),
    "no method": (call(headers=PSEUDO[1:]), "02"),
    "no headers": (call(headers=()), "02"),
    "a cluster without hosts": (call(to=b"empty"), "10"),
    "a bad address": (("?proxy_http_call", -1, 2, b"", b"", b"", 0, 24), "06"),
}


@pytest.mark.parametrize("name", _REFUSALS)
def test_a_callout_that_is_refused_has_no_token(start: Start, name: str) -> None:
    statement, status = _REFUSALS[name]
    calls = ["(i32.store (i32.const 24) (i32.const 7))", statement, TOKEN]
    made = plugin({"request_headers": calls, "http_call_response": COUNTS})
    empty = Outcome(failure=Failure.NO_HEALTHY)

    host = start(made, clusters={"c": lambda _: HELD, "empty": lambda _: empty})
    host.http(REQUEST)
    host.advance(1000 * MILLISECOND)

    written = "07" if status == "06" else "00"
    assert texts(host) == [status, written]


def test_a_bad_return_pointer_is_found_when_the_callout_has_gone(start: Start) -> None:
    made = plugin({"configure": [(*call()[:-1], -1)]})

    host = start(made, clusters={"c": lambda _: HELD})

    assert texts(host) == ["06"]
    assert [callout.token for callout in host.callouts] == [4]


def test_tokens_are_counted_and_a_failed_send_counts(start: Start) -> None:
    calls = [call(), TOKEN, call(to=b"none"), call(to=b"empty"), call(), TOKEN]
    empty = Outcome(failure=Failure.NO_HEALTHY)

    host = start(
        plugin({"configure": calls}), clusters={"c": lambda _: HELD, "empty": lambda _: empty}
    )

    assert texts(host) == ["00", "04", "02", "10", "00", "12"]
    states = [callout.state for callout in host.callouts]
    assert states == [CalloutState.PENDING, CalloutState.FAILED, CalloutState.PENDING]


def test_a_header_that_cannot_be_written_is_a_response_of_envoys(start: Start) -> None:
    calls = [call(headers=(*PSEUDO, (b"bad name", b"v")))]
    made = plugin({"request_headers": calls, "http_call_response": [*header(6, b":status"), *BODY]})
    host = start(made, clusters={"c": lambda _: HELD})

    host.http(REQUEST)

    assert texts(host) == ["00", "00", "503", "00", "invalid header name: bad name"]


@pytest.mark.parametrize("callback", ["vm_start", "configure", "request_headers", "log", "done"])
def test_a_callout_can_be_made_anywhere(start: Start, callback: str) -> None:
    made = plugin({callback: [call()], "http_call_response": [("proxy_log", 2, b"answered")]})
    host = start(made, clusters={"c": lambda _: reply(REPLY)})

    host.http(REQUEST)

    assert texts(host) == ["00", "answered"]


def test_a_callout_can_be_made_from_a_tick_and_from_a_response(start: Start) -> None:
    timer: Statement = ("proxy_set_tick_period_milliseconds", 10)
    once: Statement = ("proxy_set_tick_period_milliseconds", 0)
    made = plugin(
        {"configure": [timer], "tick": [once, call()], "http_call_response": [COUNTS[0], call()]}
    )
    answers = iter([reply(REPLY), reply(REPLY), HELD])
    host = start(made, clusters={"c": lambda _: next(answers)})

    host.advance(10 * MILLISECOND)

    assert texts(host) == ["00", "04", "00", "08", "00"]


def test_a_response_comes_when_the_callback_is_over_on_the_root(start: Start) -> None:
    calls: list[Statement] = [call(), ("proxy_log", 2, b"returns")]
    context = "(call $tell (local.get 0))"
    made = plugin({"request_headers": calls, "http_call_response": [context]})
    host = start(made, clusters={"c": lambda _: reply(REPLY)})

    host.http(REQUEST)

    assert texts(host) == ["00", "returns", "01"]


def test_nothing_of_a_response_can_be_changed_or_measured(start: Start) -> None:
    statements: list[Statement] = [
        ("?proxy_get_header_map_size", 6, 24),
        ("?proxy_add_header_map_value", 6, b"a", b"b"),
        ("?proxy_set_buffer_bytes", 4, 0, 0, b"b"),
        ("?proxy_get_buffer_status", 4, 24, 28),
        TOKEN,
    ]

    assert outcome_of(start, reply(REPLY), statements) == ["02", "02", "02", "00", "05"]


def test_a_response_is_gone_behind_its_callback(start: Start) -> None:
    made = plugin({"request_headers": [call()], "response_headers": [*header(6, b"x-a"), *BODY]})
    host = start(made, clusters={"c": lambda _: reply(REPLY)})

    host.http(REQUEST)
    host.http(REQUEST)

    assert texts(host) == ["00", "02", "", "01", ""] * 2


def test_the_time_is_up_for_a_callout_that_is_held(start: Start) -> None:
    made = plugin({"configure": [call(timeout=20)], "http_call_response": header(6, b":status")})
    host = start(made, clusters={"c": lambda _: HELD})

    host.advance(19 * MILLISECOND)
    before = texts(host)
    host.advance(1 * MILLISECOND)

    assert before == ["00"]
    assert texts(host) == ["00", "00", "504"]
    assert [callout.state for callout in host.callouts] == [CalloutState.TIMED_OUT]


def test_without_a_timeout_a_callout_waits_for_ever(start: Start) -> None:
    made = plugin({"configure": [call(timeout=0)], "http_call_response": COUNTS})
    host = start(made, clusters={"c": lambda _: HELD})

    host.advance(10**15)

    assert texts(host) == ["00"]


def test_a_tester_answers_what_was_held(start: Start) -> None:
    made = plugin({"configure": [call()], "http_call_response": header(6, b":status")})
    host = start(made, clusters={"c": lambda _: HELD})
    (held,) = host.callouts

    host.answer(held, reply(messages.response(418)))

    assert texts(host) == ["00", "00", "418"]
    assert [callout.state for callout in host.callouts] == [CalloutState.ANSWERED]
    with pytest.raises(ValueError, match="answered"):
        host.answer(held, HELD)


def test_a_cluster_sees_the_callout(start: Start) -> None:
    seen: list[Callout] = []

    def cluster(callout: Callout) -> Outcome:
        seen.append(callout)
        return HELD

    host = start(plugin({"configure": [call(body=b"b")]}), clusters={"c": cluster}, name="plug")

    (callout,) = seen
    assert (callout.to, callout.timeout, callout.plugin, callout.token) == ("c", 1000, "plug", 4)
    assert isinstance(callout.message, Message)
    assert callout.message.values(b"content-length") == (b"1",)
    assert host.callouts == (callout,)


def test_the_origin_can_be_called_too(start: Start) -> None:
    calls = [call(to=b"upstream")]
    host = start(plugin({"configure": calls, "http_call_response": header(6, b":status")}))

    assert texts(host) == ["00", "00", "200"]


def test_what_is_under_way_is_cancelled_with_the_plugin(start: Start) -> None:
    made = plugin({"configure": [call()], "http_call_response": COUNTS})
    host = start(made, clusters={"c": lambda _: HELD})

    host.close()
    host.advance(1000 * MILLISECOND)

    assert texts(host) == ["00"]
    assert [callout.state for callout in host.callouts] == [CalloutState.CANCELLED]


def test_a_mistake_in_a_cluster_comes_out_as_itself(start: Start) -> None:
    def cluster(_callout: Callout) -> Outcome:
        raise LookupError("not scripted")

    host = start(plugin({"request_headers": [call()]}), clusters={"c": cluster})

    with pytest.raises(LookupError, match="not scripted"):
        host.http(REQUEST)


RESUME: list[Statement] = [
    ("?proxy_set_effective_context", 2),
    *header(6, b":status"),
    ("?proxy_continue_stream", 0),
]


def test_a_response_resumes_the_stream_that_waits_for_it(start: Start) -> None:
    made = plugin(
        {"request_headers": [call()], "http_call_response": RESUME},
        returns={"request_headers": 1},
    )
    host = start(made, clusters={"c": lambda _: reply(REPLY, delay=20 * MILLISECOND)})

    exchange = host.http(REQUEST)

    assert exchange.upstream is not None
    assert exchange.client_complete
    assert texts(host) == ["00", "00", "00", "200", "00"]


def test_what_is_resumed_by_a_response_does_not_see_it(start: Start) -> None:
    made = plugin(
        {
            "request_headers": [call()],
            "http_call_response": RESUME,
            "request_body": [*header(6, b":status"), *BODY],
        },
        returns={"request_headers": 1},
    )
    host = start(made, clusters={"c": lambda _: reply(REPLY)})

    host.http(messages.request("/", method="POST", chunks=(b"body",)))

    assert texts(host)[5:] == ["02", "", "01", ""]


def test_a_response_may_answer_the_stream_that_waits_for_it(start: Start) -> None:
    answer: Statement = ("?proxy_send_local_response", 401, b"", b"no", b"", -1)
    made = plugin(
        {
            "request_headers": [call()],
            "http_call_response": [("proxy_set_effective_context", 2), answer],
        },
        returns={"request_headers": 1},
    )
    host = start(made, clusters={"c": lambda _: Outcome(failure=Failure.REFUSED)})

    exchange = host.http(REQUEST)

    assert exchange.upstream is None
    assert exchange.client is not None
    assert (exchange.client.status, exchange.client.body) == (401, b"no")


def test_a_response_still_comes_when_its_stream_has_gone(start: Start) -> None:
    made = plugin(
        {"request_headers": [call()], "http_call_response": RESUME[:1]},
        returns={"request_headers": 1},
    )
    host = start(made, clusters={"c": lambda _: HELD})
    stream = host.send(REQUEST, reply(REPLY))
    stream.cancel()

    host.answer(host.callouts[0], reply(REPLY))

    assert texts(host) == ["00", "02"]


def test_a_plugin_that_has_failed_hears_of_nothing(start: Start) -> None:
    made = plugin({"configure": [call()], "log": [UNREACHABLE], "http_call_response": COUNTS})
    host = start(made, clusters={"c": lambda _: HELD})
    host.http(REQUEST)

    host.answer(host.callouts[0], reply(REPLY))

    assert texts(host) == ["00"]
    assert [callout.state for callout in host.callouts] == [CalloutState.ANSWERED]
