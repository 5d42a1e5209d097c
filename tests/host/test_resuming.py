"""Streams that are open side by side, fed part by part, and let go from outside."""

import pytest

from tests.host.conftest import Start
from tests.host.plugins import Statement, plugin
from tests.host.texts import texts
from wasmctl import messages
from wasmctl.host import HttpProtocol
from wasmctl.outcomes import HELD, Failure, Outcome, reply

MILLISECOND = 1_000_000
SECOND = 1_000 * MILLISECOND
GET = messages.request("/")
POST = messages.request("/", method="POST", chunks=(b"a", b"b"), trailers=((b"t", b"1"),))
SOON: Statement = ("proxy_set_tick_period_milliseconds", 10)
NO_MORE: Statement = ("proxy_set_tick_period_milliseconds", 0)
THE_STREAM: Statement = ("proxy_set_effective_context", 2)
CONTINUE: Statement = ("?proxy_continue_stream", 0)
DENY: Statement = ("?proxy_send_local_response", 403, b"late", b"no", b"", -1)
COUNT = "(call $tell (local.get 1))"
NO_RESPONSE = b"upstream connect error or disconnect/reset before headers. reset reason: "
NO_CONNECTION = "{remote_connection_failure|delayed_connect_error:_Connection_refused}"
BEFORE = "upstream_reset_before_response_started"
SIZES = "(call $tell (local.get 1)) (call $tell (local.get 2))"


def ticking(*calls: Statement, **more: list[Statement]) -> bytes:
    """Return a plugin that holds each request, and does this at its next tick."""
    callbacks = {"request_headers": [SOON], "tick": [NO_MORE, THE_STREAM, *calls], **more}
    return plugin(callbacks, returns={"request_headers": 1})


def test_what_was_held_comes_in_one_piece_and_then_the_trailers(start: Start) -> None:
    host = start(
        ticking(CONTINUE, request_body=[SIZES], request_trailers=["(call $tell (local.get 1))"])
    )

    exchange = host.http(POST)

    assert exchange.upstream
    assert (exchange.upstream.body, exchange.upstream.trailers) == (b"ab", ((b"t", b"1"),))
    assert exchange.client_complete
    assert texts(host) == ["00", "02", "00", "01"]


def test_a_held_body_without_trailers_comes_with_its_end(start: Start) -> None:
    host = start(ticking(CONTINUE, request_body=[SIZES]))

    host.http(messages.request("/", method="POST", chunks=(b"a", b"b")))

    assert texts(host) == ["00", "02", "01"]


def test_a_held_stream_is_answered_from_a_tick(start: Start) -> None:
    host = start(ticking(DENY))

    exchange = host.http(GET)

    assert exchange.client
    assert (exchange.client.status, exchange.client.body) == (403, b"no")
    assert exchange.details == "late"


def test_a_held_stream_is_closed_from_a_tick(start: Start) -> None:
    host = start(ticking(("proxy_close_stream", 0)))

    exchange = host.http(GET)

    assert exchange.client is None
    assert exchange.details == "wasm_close_stream"


def test_time_passes_only_when_it_is_told(start: Start) -> None:
    host = start(ticking(CONTINUE))

    stream = host.send(GET, reply(messages.response(200)))

    assert stream.paused_at == "proxy_on_request_headers"
    host.advance(9 * MILLISECOND)
    assert not stream.is_over
    host.advance(MILLISECOND)
    assert stream.is_over
    assert stream.exchange().client_complete


def test_streams_are_open_side_by_side(start: Start) -> None:
    host = start(plugin({"log": ["(call $tell (local.get 0))"]}))
    first, second = host.send(GET, HELD), host.send(GET, HELD)

    second.answer(reply(messages.response(201)))
    first.answer(reply(messages.response(202)))

    statuses = [each.exchange().client for each in (first, second)]
    assert [each.status for each in statuses if each] == [202, 201]
    assert texts(host) == ["03", "02"]


def test_a_request_is_fed_part_by_part(start: Start) -> None:
    host = start(
        plugin({"request_body": [SIZES], "request_trailers": ["(call $tell (local.get 1))"]})
    )
    stream = host.open(messages.request("/", method="POST").headers)

    stream.send_body(b"abc")
    stream.send_body(b"d")
    stream.send_trailers(((b"t", b"1"),))

    exchange = stream.exchange()
    assert exchange.upstream
    assert exchange.upstream.chunks == (b"abc", b"d")
    assert exchange.upstream_complete
    assert texts(host) == ["03", "00", "01", "00", "01"]


def test_a_response_is_fed_part_by_part(start: Start) -> None:
    host = start(plugin({"response_body": [SIZES]}))
    stream = host.send(GET)

    stream.answer_headers(((b":status", b"200"),))
    stream.answer_body(b"ab")
    assert not stream.is_over
    stream.answer_body(b"c", ends=True)

    assert stream.is_over
    assert texts(host) == ["02", "00", "01", "01"]


def test_the_client_gives_up(start: Start) -> None:
    host = start(plugin({"log": [("proxy_log", 2, b"log")]}))
    stream = host.send(GET)

    stream.cancel()

    assert stream.is_over
    assert stream.exchange().client is None
    assert texts(host) == ["log"]


def test_an_origin_that_has_no_request_cannot_answer(start: Start) -> None:
    host = start(plugin({"request_headers": []}, returns={"request_headers": 1}))
    stream = host.send(GET)

    with pytest.raises(ValueError, match="no request"):
        stream.answer(reply(messages.response(200)))


def test_a_late_answer_takes_its_time(start: Start) -> None:
    host = start(plugin())

    exchange = host.http(GET, reply(messages.response(200), delay=2 * SECOND))

    assert exchange.client_complete
    assert host.clock.monotonic == 3 * SECOND


def test_the_client_does_not_wait_for_ever(start: Start) -> None:
    host = start(plugin())

    exchange = host.http(GET, reply(messages.response(200), delay=2 * SECOND), seconds=1)

    assert exchange.client is None
    assert exchange.upstream_complete


@pytest.mark.parametrize(
    ("failure", "status", "body", "details"),
    [
        (Failure.RESET, 503, NO_RESPONSE + b"remote reset", BEFORE + "{remote_reset}"),
        (
            *(Failure.REFUSED, 503),
            *(NO_RESPONSE + b"remote connection failure", BEFORE + NO_CONNECTION),
        ),
        (Failure.NO_HEALTHY, 503, b"no healthy upstream", "no_healthy_upstream"),
        (Failure.TIMEOUT, 504, b"upstream request timeout", "response_timeout"),
    ],
)
def test_an_origin_that_fails_is_answered_for(
    start: Start, failure: Failure, status: int, body: bytes, details: str
) -> None:
    host = start(plugin({"response_headers": [("proxy_log", 2, b"response")]}))

    exchange = host.http(GET, Outcome(failure=failure), seconds=60)

    assert exchange.client
    assert (exchange.client.status, exchange.client.body) == (status, body)
    assert exchange.details == details
    assert exchange.upstream_complete is (failure in {Failure.RESET, Failure.TIMEOUT})
    assert texts(host) == ["response"]


def test_a_response_that_breaks_off_is_cut(start: Start) -> None:
    host = start(plugin())

    broken = Outcome(message=messages.response(chunks=(b"a",)), failure=Failure.RESET)
    exchange = host.http(GET, broken)

    assert exchange.client
    assert exchange.client.body == b"a"
    assert not exchange.client_complete
    assert exchange.details == "upstream_reset_after_response_started{remote_reset}"


def test_open_streams_end_with_the_host(start: Start) -> None:
    host = start(
        plugin({"log": [("proxy_log", 2, b"log")], "delete": ["(call $tell (local.get 0))"]})
    )
    stream = host.send(GET)

    host.close()

    assert stream.is_over
    assert texts(host) == ["log", "02", "01"]


@pytest.mark.parametrize("allowed", [True, False])
def test_stop_iteration_lets_body_callbacks_run_where_it_is_allowed(
    start: Start, *, allowed: bool
) -> None:
    code = plugin({"request_body": [SIZES]}, returns={"request_headers": 1, "request_body": 0})
    code = plugin({"request_headers": [], "request_body": [SIZES]}, returns={"request_headers": 1})
    host = start(code, allow_on_headers_stop_iteration=allowed)

    exchange = host.http(messages.request("/", method="POST", chunks=(b"a", b"b")))

    assert exchange.client_complete is allowed
    assert texts(host) == (["01", "00", "01", "01"] if allowed else [])


def test_too_much_of_a_request_is_413(start: Start) -> None:
    host = start(plugin({"request_body": []}, returns={"request_body": 1}), buffer_limit=3)

    exchange = host.http(messages.request("/", method="POST", chunks=(b"ab", b"cd")))

    assert exchange.client
    assert (exchange.client.status, exchange.client.body) == (413, b"Payload Too Large")
    assert exchange.details == "request_payload_too_large"


def test_too_much_of_a_held_response_is_500(start: Start) -> None:
    host = start(plugin({"response_headers": []}, returns={"response_headers": 3}), buffer_limit=3)

    exchange = host.http(GET, messages.response(chunks=(b"ab", b"cd")))

    assert exchange.client
    assert exchange.client.status == 500


def test_too_much_behind_the_headers_of_a_response_resets(start: Start) -> None:
    host = start(plugin({"response_body": []}, returns={"response_body": 1}), buffer_limit=3)

    exchange = host.http(GET, messages.response(chunks=(b"ab", b"cd")))

    assert exchange.client
    assert exchange.client.status == 200
    assert not exchange.client_complete


def test_the_end_of_a_body_in_http_1_comes_by_itself_and_trailers_not_at_all(start: Start) -> None:
    callbacks = {"request_body": [SIZES], "request_trailers": [COUNT], "response_body": [SIZES]}
    host = start(plugin(callbacks), protocol=HttpProtocol.HTTP_1_1)

    exchange = host.http(POST, messages.response(chunks=(b"abc",)))

    assert exchange.client_complete
    assert texts(host) == ["01", "00", "01", "00", "00", "01", "03", "00", "00", "01"]


def test_a_client_waits_where_a_watermark_holds_what_it_sent(start: Start) -> None:
    code = plugin({"request_body": [COUNT]}, returns={"request_body": 2})
    host = start(code, buffer_limit=4)

    exchange = host.http(messages.request("/", method="POST", chunks=(b"abc", b"d", b"e", b"f")))

    assert exchange.client is None
    assert exchange.paused_at == "proxy_on_request_body"
    assert texts(host) == ["03", "01", "01"]


def test_a_client_goes_on_when_what_was_held_has_gone(start: Start) -> None:
    host = start(ticking(CONTINUE, request_body=[SIZES], request_trailers=[COUNT]), buffer_limit=4)
    chunks = (b"abc", b"d", b"e", b"f")

    exchange = host.http(
        messages.request("/", method="POST", chunks=chunks, trailers=((b"t", b"1"),))
    )

    assert exchange.upstream
    assert exchange.upstream.body == b"abcdef"
    assert exchange.upstream_complete
    assert texts(host) == ["00", "05", "00", "01", "00", "01"]
