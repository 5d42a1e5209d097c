"""Hazards: what the host lets pass, told with its place; and that an Envoy does not."""

import pytest

from tests.host.conftest import Start
from tests.host.plugins import Statement, plugin
from tests.testing.targets.playing import exchange, setup_of
from wasmctl import messages
from wasmctl.errors import EnvoyFailedError
from wasmctl.host import Hazard, HazardKind
from wasmctl.plugin import parse
from wasmctl.testing.observation import Observation
from wasmctl.testing.targets.envoy import EnvoyTarget

POST = messages.request("/", method="POST", chunks=(b"a",))
OK = messages.response(200)
DENY: Statement = ("proxy_send_local_response", 403, b"", b"", b"", -1)
CONTINUE_REQUEST: Statement = ("proxy_continue_stream", 0)
CONTINUE_RESPONSE: Statement = ("proxy_continue_stream", 1)
# The callback, its hostcall, what that is; Envoy dies of each.
DEADLY = [
    ("context_create", CONTINUE_RESPONSE, HazardKind.NO_RESPONSE_YET),
    ("request_headers", CONTINUE_RESPONSE, HazardKind.NO_RESPONSE_YET),
    ("request_body", CONTINUE_RESPONSE, HazardKind.NO_RESPONSE_YET),
    ("log", DENY, HazardKind.ANSWERED_AT_THE_END),
    ("done", DENY, HazardKind.ANSWERED_AT_THE_END),
    ("delete", DENY, HazardKind.ANSWERED_AT_THE_END),
]
IDS = [case[0] for case in DEADLY]


def in_envoy(content: bytes) -> Observation:
    setup = setup_of(parse(content))
    with EnvoyTarget().stage([setup]) as stage, stage.session(setup) as session:
        exchange(session, POST, OK)
        return session.observation()


@pytest.mark.parametrize(("name", "call", "kind"), DEADLY, ids=IDS)
def test_a_deadly_hostcall_is_told_with_its_callback(
    start: Start, name: str, call: Statement, kind: HazardKind
) -> None:
    host = start(plugin({name: [call]}))

    exchange = host.http(POST)

    assert exchange.hazards == (Hazard(kind=kind, callback=f"proxy_on_{name}"),)
    assert host.hazards == exchange.hazards
    assert str(host.hazards[0]).startswith(f"{kind.hostcall} in proxy_on_{name}: ")


@pytest.mark.parametrize(("name", "call"), [case[:2] for case in DEADLY], ids=IDS)
def test_envoy_dies_of_it(name: str, call: Statement) -> None:
    content = plugin({name: [call]})

    with pytest.raises(EnvoyFailedError):
        in_envoy(content)


def test_a_request_that_is_continued_and_let_pass_is_told(start: Start) -> None:
    host = start(plugin({"request_headers": [CONTINUE_REQUEST]}))

    exchanges = [host.http(POST) for _ in range(2)]

    told = Hazard(kind=HazardKind.SENT_TWICE, callback="proxy_on_request_headers")
    assert [each.hazards for each in exchanges] == [(told,)] * 2
    assert host.hazards == (told, told)


def test_envoy_sends_it_twice() -> None:
    seen = in_envoy(plugin({"request_headers": [CONTINUE_REQUEST]}))

    assert len(seen.upstream) == 2


def test_what_harms_nobody_is_no_hazard(start: Start) -> None:
    calls = {"request_headers": [CONTINUE_REQUEST], "response_headers": [CONTINUE_RESPONSE]}
    host = start(plugin(calls, returns={"request_headers": 1, "response_headers": 1}))

    exchange = host.http(messages.request("/"))

    assert exchange.client_complete
    assert host.hazards == ()


# The callbacks, what they return, the request, the reply, and what is told of which callback.
FOUND: dict[HazardKind, tuple[dict[str, list[Statement]], dict[str, int], str]] = {
    HazardKind.RESPONSE_TWICE: (
        {"response_headers": [CONTINUE_RESPONSE]},
        {},
        "proxy_on_response_headers",
    ),
    HazardKind.ANSWERED_TWICE: (
        {"response_headers": [DENY, DENY]},
        {},
        "proxy_on_response_headers",
    ),
    HazardKind.CLOSED_AT_THE_END: ({"log": [("proxy_close_stream", 0)]}, {}, "proxy_on_log"),
    HazardKind.NEVER_RELEASED: (
        {"request_headers": [CONTINUE_REQUEST]},
        {"request_headers": 1},
        "proxy_on_request_headers",
    ),
    HazardKind.EMPTIED_HEADERS: (
        {"response_headers": [("proxy_set_header_map_pairs", 2, b"\1\0\0\0")]},
        {},
        "proxy_on_response_headers",
    ),
    HazardKind.STALE_LENGTH: (
        {"response_body": [("proxy_set_buffer_bytes", 1, 0, 1, b"more")]},
        {},
        "proxy_on_response_body",
    ),
    HazardKind.SPLIT_RESPONSE: (
        {"response_headers": [("proxy_add_header_map_value", 2, b"x", b"a\r\nb: c")]},
        {},
        "proxy_on_response_headers",
    ),
    HazardKind.PASSED_BY_TRAILERS: (
        {"response_body": []},
        {"response_body": 1},
        "proxy_on_response_body",
    ),
    HazardKind.BODY_GONE: (
        {
            "request_body": [("proxy_set_tick_period_milliseconds", 1)],
            "tick": [
                ("proxy_set_effective_context", 2),
                ("proxy_get_buffer_bytes", 0, 0, 1, 16, 20),
                ("proxy_set_tick_period_milliseconds", 0),
            ],
        },
        {"request_body": 2},
        "proxy_on_tick",
    ),
}
SIZED = messages.response(
    headers=((b"content-length", b"1"),), chunks=(b"b",), trailers=((b"t", b"1"),)
)


@pytest.mark.parametrize("kind", FOUND, ids=[kind.name for kind in FOUND])
def test_a_mistake_is_told_with_its_callback(start: Start, kind: HazardKind) -> None:
    calls, returns, callback = FOUND[kind]
    host = start(plugin(calls, returns=returns))

    exchange = host.http(POST, SIZED)

    assert exchange.hazards == (Hazard(kind=kind, callback=callback),)
    assert callback in str(exchange.hazards[0])


def test_a_length_that_came_wrong_is_nobodys_mistake(start: Start) -> None:
    wrong = messages.response(headers=((b"content-length", b"9"),), chunks=(b"b",))
    host = start(plugin({"response_body": []}))

    assert host.http(POST, wrong).hazards == ()


def test_a_body_that_changes_with_its_length_is_no_hazard(start: Start) -> None:
    calls: dict[str, list[Statement]] = {
        "response_headers": [("proxy_remove_header_map_value", 2, b"content-length")],
        "response_body": [("proxy_set_buffer_bytes", 1, 0, 1, b"more")],
    }
    host = start(plugin(calls))

    exchange = host.http(POST, SIZED)

    assert exchange.client
    assert exchange.client.body == b"more"
    assert exchange.hazards == ()


def test_a_response_to_head_has_the_length_of_none(start: Start) -> None:
    reply = messages.response(headers=((b"content-length", b"9"),))
    host = start(plugin({"response_headers": []}))

    assert host.http(messages.request("/", method="HEAD"), reply).hazards == ()


def test_a_response_without_a_body_that_goes_twice_is_told(start: Start) -> None:
    host = start(plugin({"response_headers": [CONTINUE_RESPONSE]}))

    exchange = host.http(POST)

    told = Hazard(kind=HazardKind.RESPONSE_TWICE, callback="proxy_on_response_headers")
    assert exchange.hazards == (told,)
