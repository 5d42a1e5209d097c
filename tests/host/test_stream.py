"""Streams: local replies, pauses, resets, and what the log sees; each compared with Envoy 1.40."""

import gc

import pytest

from tests.host.conftest import Start
from tests.host.plugins import OUT, VALUE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages
from wasmctl.host.stream import HttpStream

NO_GRPC = -1
DENY: Statement = ("?proxy_send_local_response", 403, b"not today", b"no", b"", NO_GRPC)
DETAILS: list[Statement] = [("proxy_get_property", b"response\0code_details", *OUT), VALUE]
GET = messages.request("/")
POST = messages.request("/", method="POST", chunks=(b"a", b"b"))


def test_a_local_reply_to_a_request_runs_through_the_response_callbacks(start: Start) -> None:
    tell = "(call $tell (local.get 1)) (call $tell (local.get 2))"
    body: list[Statement] = [("proxy_get_buffer_bytes", 1, 0, 9, *OUT), VALUE]
    host = start(
        plugin(
            {
                "request_headers": [DENY],
                "response_headers": [tell],
                "response_body": [tell, *body],
                "log": DETAILS,
            }
        )
    )

    exchange = host.http(GET)

    assert exchange.upstream is None
    assert exchange.client
    assert exchange.client.headers[:3] == (
        (b":status", b"403"),
        (b"content-length", b"2"),
        (b"content-type", b"text/plain"),
    )
    assert exchange.client.headers[3][0] == b"date"
    assert exchange.client.body == b"no"
    assert exchange.details == "not_today"
    assert texts(host) == ["00", "03", "00", "02", "01", "no", "not_today"]


def test_the_first_local_reply_counts(start: Start) -> None:
    other: Statement = ("?proxy_send_local_response", 404, b"", b"", b"", NO_GRPC)
    host = start(plugin({"request_headers": [DENY, other]}))

    exchange = host.http(GET)

    assert exchange.client
    assert exchange.client.status == 403
    assert texts(host) == ["00", "00"]


def test_a_local_reply_has_the_headers_it_was_given(start: Start) -> None:
    pairs = b"\1\0\0\0\3\0\0\0\1\0\0\0X-A\0b\0"
    reply: Statement = ("?proxy_send_local_response", 200, b"", b"", pairs, NO_GRPC)
    host = start(plugin({"request_headers": [reply]}))

    exchange = host.http(GET)

    assert exchange.client
    assert exchange.client.values(b"x-a") == (b"b",)


def test_a_local_reply_to_a_body_leaves_the_upstream_with_nothing(start: Start) -> None:
    host = start(plugin({"request_body": [DENY]}))

    exchange = host.http(POST)

    assert exchange.upstream is None
    assert exchange.client
    assert exchange.client.status == 403
    assert texts(host) == ["00"]


def test_a_local_reply_to_response_headers_goes_straight_to_the_client(start: Start) -> None:
    body: Statement = ("proxy_log", 2, b"never")
    host = start(plugin({"response_headers": [DENY], "response_body": [body]}))

    exchange = host.http(GET, messages.response(chunks=(b"body",)))

    assert exchange.client
    assert (exchange.client.status, exchange.client.body) == (403, b"no")
    assert exchange.client_complete
    assert texts(host) == ["00"]


def test_a_local_reply_behind_the_headers_resets_the_stream(start: Start) -> None:
    host = start(plugin({"response_body": [DENY]}))

    exchange = host.http(GET, messages.response(chunks=(b"body",)))

    assert exchange.client
    assert (exchange.client.status, exchange.client.body) == (200, b"")
    assert not exchange.client_complete
    assert exchange.paused_at is None


def test_a_local_reply_from_the_streams_creation_comes_behind_the_request_headers(
    start: Start,
) -> None:
    replies: list[Statement] = [
        "(if (i32.ge_u (local.get 0) (i32.const 2)) (then",
        DENY,
        "))",
    ]
    marks = {name: [("proxy_log", 2, name.encode())] for name in ("request_headers", "log")}
    host = start(plugin({"context_create": replies, **marks}))

    exchange = host.http(GET)

    assert exchange.upstream is None
    assert exchange.client
    assert exchange.client.status == 403
    assert texts(host) == ["00", "request_headers", "log"]


@pytest.mark.parametrize("callback", ["configure", "log", "done"])
def test_a_local_reply_elsewhere_has_no_effect(start: Start, callback: str) -> None:
    host = start(plugin({callback: [DENY]}))

    exchange = host.http(GET)

    assert exchange.client
    assert exchange.client.status == 200
    assert set(texts(host)) == {"00"}


def test_a_request_paused_for_good_is_given_up(start: Start) -> None:
    done: list[Statement] = [("proxy_log", 2, b"done")]
    callbacks = {"request_headers": [], "log": DETAILS, "done": done}
    host = start(plugin(callbacks, returns={"request_headers": 1}))

    exchange = host.http(GET)

    assert exchange.upstream is None
    assert exchange.client is None
    assert not exchange.client_complete
    assert exchange.paused_at == "proxy_on_request_headers"
    assert texts(host) == ["http2.remote_reset", "done"]


def test_a_paused_body_leaves_the_upstream_the_headers(start: Start) -> None:
    host = start(plugin({"request_body": []}, returns={"request_body": 1}))

    exchange = host.http(POST)

    assert exchange.upstream
    assert exchange.upstream.chunks == ()
    assert not exchange.upstream_complete
    assert exchange.paused_at == "proxy_on_request_body"


def test_a_paused_response_is_seen_at_its_callback(start: Start) -> None:
    host = start(plugin({"response_headers": []}, returns={"response_headers": 1}))

    exchange = host.http(GET)

    assert exchange.upstream_complete
    assert exchange.client is None
    assert exchange.paused_at == "proxy_on_response_headers"


@pytest.mark.parametrize(("stream", "callback"), [(0, "request_headers"), (1, "response_headers")])
def test_closing_a_stream_resets_it(start: Start, stream: int, callback: str) -> None:
    log: list[Statement] = [("proxy_log", 2, b"log")]
    host = start(plugin({callback: [("?proxy_close_stream", stream)], "log": log}))

    exchange = host.http(GET)

    assert exchange.client is None
    assert exchange.paused_at is None
    assert texts(host) == ["00", "log"]


def test_continuing_a_request_without_a_body_lets_it_go(start: Start) -> None:
    calls: list[Statement] = [
        ("?proxy_continue_stream", 0),
        ("?proxy_add_header_map_value", 0, b"x", b"y"),
    ]
    host = start(plugin({"request_headers": calls}, returns={"request_headers": 1}))

    exchange = host.http(GET)

    assert exchange.upstream_complete
    assert exchange.client_complete
    assert texts(host) == ["00", "02"]


def test_continuing_and_pausing_a_request_with_a_body_hangs(start: Start) -> None:
    calls: list[Statement] = [("?proxy_continue_stream", 0)]
    host = start(plugin({"request_headers": calls}, returns={"request_headers": 1}))

    exchange = host.http(POST)

    assert exchange.upstream
    assert not exchange.upstream_complete
    assert exchange.paused_at == "proxy_on_request_headers"


def test_continuing_from_a_body_lets_what_was_kept_go(start: Start) -> None:
    calls: list[Statement] = [("?proxy_continue_stream", 0)]
    host = start(plugin({"request_body": calls}, returns={"request_body": 1}))

    exchange = host.http(POST)

    assert exchange.upstream
    assert exchange.upstream.chunks == (b"ab",)
    assert exchange.client_complete


@pytest.mark.parametrize(("stream", "status"), [(2, "00"), (3, "12"), (4, "02")])
def test_other_streams_cannot_be_continued(start: Start, stream: int, status: str) -> None:
    host = start(plugin({"request_headers": [("?proxy_continue_stream", stream)]}))

    host.http(GET)

    assert texts(host) == [status]
    assert host.unimplemented == ()


def test_a_removed_path_finds_no_route(start: Start) -> None:
    removes: list[Statement] = [("?proxy_remove_header_map_value", 0, b":path")]
    host = start(plugin({"request_headers": removes, "log": DETAILS}))

    exchange = host.http(GET)

    assert exchange.upstream is None
    assert exchange.client
    assert exchange.client.status == 404
    assert texts(host) == ["00", "route_not_found"]


def test_the_routers_refusal_runs_through_the_response_callbacks(start: Start) -> None:
    adds: list[Statement] = [("proxy_add_header_map_value", 0, b"bad name", b"v")]
    marks: list[Statement] = [("proxy_add_header_map_value", 2, b"x-seen", b"1")]
    host = start(plugin({"request_headers": adds, "response_headers": marks}))

    exchange = host.http(GET)

    assert exchange.client
    assert exchange.client.status == 503
    assert exchange.client.body == b"invalid header name: bad name"
    assert exchange.client.values(b"x-seen") == (b"1",)


def test_a_response_without_status_is_replaced(start: Start) -> None:
    removes: list[Statement] = [("proxy_remove_header_map_value", 2, b":status")]
    body: list[Statement] = [("proxy_log", 2, b"never")]
    host = start(plugin({"response_headers": removes, "response_body": body}))

    exchange = host.http(GET, messages.response(chunks=(b"body",)))

    assert exchange.client
    assert exchange.client.status == 502
    assert exchange.client.body == b"missing required header: :status"
    assert texts(host) == []


def test_the_log_sees_what_was_sent(start: Start) -> None:
    log: list[Statement] = [
        ("?proxy_get_header_map_value", 0, b"x-a", *OUT),
        VALUE,
        ("?proxy_get_header_map_value", 2, b"date", *OUT),
        VALUE,
        ("?proxy_get_header_map_value", 1, b"t", *OUT),
        ("?proxy_get_header_map_value", 3, b"t", *OUT),
        ("?proxy_add_header_map_value", 0, b"x-a", b"1"),
        ("?proxy_get_header_map_size", 0, 16),
    ]
    adds: list[Statement] = [("proxy_add_header_map_value", 0, b"x-a", b"1")]
    host = start(plugin({"request_headers": adds, "log": log}))

    host.http(GET)

    date = "Thu, 01 Jan 2026 00:00:00 GMT"
    assert texts(host) == ["00", "1", "00", date, "01", "01", "02", "02"]


def test_a_body_that_was_changed_goes_on_changed(start: Start) -> None:
    calls: list[Statement] = [("?proxy_set_buffer_bytes", 0, 0, 1, b"AA")]
    host = start(plugin({"request_body": calls}))

    exchange = host.http(POST)

    assert exchange.upstream
    assert exchange.upstream.chunks == (b"AA", b"AA")


def test_trailers_begin_in_the_last_body_callback(start: Start) -> None:
    adds: list[Statement] = [("?proxy_add_header_map_value", 3, b"t", b"1")]
    host = start(plugin({"response_body": adds}))

    exchange = host.http(GET, messages.response(chunks=(b"a", b"b")))

    assert exchange.client
    assert exchange.client.trailers == ((b"t", b"1"),)
    assert texts(host) == ["02", "00"]


def test_streams_leave_nothing_behind(start: Start) -> None:
    unknown: list[Statement] = [("?proxy_set_effective_context", 2)]
    host = start(plugin({"request_headers": unknown}))

    host.http(GET)
    host.http(GET)

    assert texts(host) == ["00", "02"]


def test_streams_leave_nothing_for_the_garbage_collector(start: Start) -> None:
    host = start(plugin({"response_headers": [("?proxy_get_header_map_size", 2, 16)]}))
    gc.collect()
    gc.disable()
    try:
        host.http(POST)

        assert not [found for found in gc.get_objects() if isinstance(found, HttpStream)]
    finally:
        gc.enable()
