"""An observation of everything at once, and expectations that each differ from it in one thing."""

from dataclasses import replace
from pathlib import Path

import pytest

from wasmctl import messages
from wasmctl.abi.types import LogLevel
from wasmctl.records import LogLine, Trap, TrapKind
from wasmctl.testing import expect, source
from wasmctl.testing.expectation_models import Expectation
from wasmctl.testing.observation import Aspect, Observation, Seen, SeenHazard

EVERYTHING = frozenset(Aspect)

REQUEST = messages.request(
    "/cart?x=1",
    method="POST",
    headers=((b"x-a", b"1"), (b"x-b", b"one"), (b"x-b", b"two"), (b"x-raw", b"\xff")),
    chunks=(b"he", b"llo"),
    trailers=((b"x-t", b"end"),),
)
SEEN = Observation(
    configured=True,
    upstream=(Seen(message=REQUEST),),
    client=Seen(message=messages.response(403, headers=((b"x-c", b"3"),), chunks=(b"no",))),
    logs=(
        LogLine(level=LogLevel.INFO, text="configured"),
        LogLine(level=LogLevel.WARN, text="refused /cart"),
        LogLine(level=LogLevel.WARN, text="refused again"),
    ),
    metrics={"gate.refused": 2, "gate.open": 0},
)
TRAPPED = replace(
    SEEN,
    trap=Trap(kind=TrapKind.UNREACHABLE, callback="proxy_on_request_headers", message="…"),
)
PART = Seen(message=REQUEST, complete=False)
UNFINISHED = replace(SEEN, upstream=(PART,), client=PART)
UNANSWERED = replace(SEEN, upstream=(), client=None)
REFUSED = Observation(configured=False, load_error="it said no", logs=SEEN.logs[:1])


def expectation(written: str) -> Expectation:
    document = source.read(written.encode(), Path("expect"))
    return Expectation.model_validate(document.value)


def judged(
    written: str, seen: Observation = SEEN, sees: frozenset[Aspect] = EVERYTHING
) -> list[str]:
    return [str(mismatch) for mismatch in expect.judge(expectation(written), seen, sees)]


HOLDS = [
    "configured: true",
    "upstream: {method: POST, path: /cart?x=1, authority: example.test, scheme: http}",
    "upstream: {headers: {X-A: 1, x-b: [one, two], x-none: ~}}",
    "upstream: {headers: {x-b: 'one, two', ':method': POST}}",
    "upstream: {headers: {x-raw: {base64: /w==}}}",
    "upstream: {body: hello, trailers: {x-t: end, x-u: ~}}",
    "client: {status: 403, headers: {x-c: {ge: 3}}, body: {len: 2}}",
    "logs: [configured, {at_least: warn, times: 2}, {level: warn, contains: cart}]",
    "logs: [{contains: never, times: 0}]",
    "no_logs: [{at_least: error}, {equals: secret}]",
    "metrics: {gate.refused: 2, gate.open: 0}",
    "metrics: {gate.refused: {delta: 2}, gate.open: ~, gate.other: ~}",
    "metrics: {gate.refused: {ge: 1, lt: 3}}",
    "trap: false",
]


@pytest.mark.parametrize("written", HOLDS)
def test_what_holds_has_no_mismatch(written: str) -> None:
    assert judged(written) == []


FAILS = [
    ("configured: false", "configured: expected false, saw true"),
    ("upstream: never", "upstream: expected never, saw POST /cart?x=1"),
    ("upstream: unfinished", "upstream: expected unfinished, saw POST /cart?x=1"),
    ("upstream: {method: GET}", 'upstream.method: expected "GET", saw "POST"'),
    ("upstream: {scheme: https}", 'upstream.scheme: expected "https", saw "http"'),
    ("upstream: {authority: a}", 'upstream.authority: expected "a", saw "example.test"'),
    ("upstream: {path: /}", 'upstream.path: expected "/", saw "/cart?x=1"'),
    ("upstream: {headers: {x-a: 2}}", 'upstream.headers.x-a: expected "2", saw "1"'),
    ("upstream: {headers: {x-a: ~}}", 'upstream.headers.x-a: expected nothing, saw "1"'),
    ("upstream: {headers: {x-no: 1}}", 'upstream.headers.x-no: expected "1", saw nothing'),
    (
        "upstream: {headers: {x-b: [one]}}",
        'upstream.headers.x-b: expected the values ["one"], saw "one", "two"',
    ),
    ("upstream: {headers: {x-b: one}}", 'upstream.headers.x-b: expected "one", saw "one, two"'),
    ("upstream: {body: hell}", 'upstream.body: expected "hell", saw "hello"'),
    ("upstream: {body: ~}", 'upstream.body: expected "", saw "hello"'),
    ("upstream: {trailers: {x-t: ~}}", 'upstream.trailers.x-t: expected nothing, saw "end"'),
    ("client: never", "client: expected never, saw 403"),
    ("client: {status: 200}", "client.status: expected 200, saw 403"),
    ("client: {status: {lt: 300}}", "client.status: expected a number < 300, saw 403"),
    ("client: {path: /}", 'client.path: expected "/", saw nothing'),
    ("logs: [other]", 'logs[0]: expected a line ("other"), saw none of 3 lines'),
    (
        "logs: [configured, {level: info, contains: cart}]",
        'logs[1]: expected a line (level info, a text with "cart"), saw none of 3 lines',
    ),
    (
        "logs: [{level: warn, times: 1}]",
        "logs[0]: expected a line (level warn), times 1, saw 2 of 3 lines",
    ),
    (
        "no_logs: true",
        'no_logs[0]: expected no line (any), saw info "configured"',
    ),
    (
        "no_logs: [{at_least: error}, {search: ^r}]",
        'no_logs[1]: expected no line (a text in which is found /^r/), saw warn "refused /cart"',
    ),
    ("metrics: {gate.refused: 3}", "metrics.gate.refused: expected 3, saw 2"),
    ("metrics: {gate.refused: {delta: 1}}", "metrics.gate.refused: expected 1, saw 2"),
    ("metrics: {gate.refused: ~}", "metrics.gate.refused: expected no such metric, or 0, saw 2"),
    ("metrics: {gate.other: 0}", "metrics.gate.other: expected 0, saw nothing"),
    ("trap: true", "trap: expected a trap, saw none"),
    ("trap: out_of_bounds", "trap: expected out_of_bounds, saw none"),
]


@pytest.mark.parametrize(("written", "mismatch"), FAILS)
def test_what_does_not_hold_is_one_mismatch_that_says_both_sides(
    written: str, mismatch: str
) -> None:
    assert judged(written) == [mismatch]


def test_each_value_that_differs_is_told() -> None:
    found = judged("{upstream: {path: /, headers: {x-a: 2}}, client: {status: 200, body: yes}}")

    assert [line.split(":", 1)[0] for line in found] == [
        "upstream.path",
        "upstream.headers.x-a",
        "client.status",
        "client.body",
    ]


def test_a_trap_that_nobody_expects_is_a_mismatch() -> None:
    seen = "trap: expected none, saw unreachable in proxy_on_request_headers"

    assert judged("client: {status: 403}", TRAPPED) == [seen]


@pytest.mark.parametrize("word", ["true", "unreachable"])
def test_a_trap_can_be_expected(word: str) -> None:
    assert judged(f"trap: {word}", TRAPPED) == []


def test_a_trap_of_another_kind_is_a_mismatch() -> None:
    assert judged("trap: out_of_bounds", TRAPPED) == [
        "trap: expected out_of_bounds, saw unreachable in proxy_on_request_headers"
    ]


def test_a_message_without_its_end_is_a_mismatch_wherever_its_values_hold() -> None:
    found = judged("{upstream: {method: POST}, client: {method: POST}}", UNFINISHED)

    assert found == [
        "upstream: expected a whole message, saw POST /cart?x=1, whose end never came",
        "client: expected a whole message, saw POST /cart?x=1, whose end never came",
    ]


def test_a_message_without_its_end_can_be_expected() -> None:
    assert judged("{upstream: unfinished, client: unfinished}", UNFINISHED) == []


def test_a_message_that_never_began_did_not_end_either() -> None:
    assert judged("{upstream: unfinished, client: unfinished}", UNANSWERED) == []


def test_a_message_that_never_came_can_be_expected() -> None:
    assert judged("{upstream: never, client: never}", UNANSWERED) == []


def test_a_message_that_never_came_is_one_mismatch() -> None:
    found = judged("{upstream: {path: /, body: x}, client: {status: 200}}", UNANSWERED)

    assert found == [
        "upstream: expected a whole message, saw none",
        "client: expected a whole message, saw none",
    ]


def test_a_client_without_an_answer_is_a_mismatch_though_nobody_speaks_of_it() -> None:
    assert judged("upstream: never", UNANSWERED) == ["client: expected a whole message, saw none"]


def test_a_test_without_request_waits_for_no_answer() -> None:
    found = expect.judge(expectation("logs: [configured]"), UNANSWERED, EVERYTHING, requested=False)

    assert found == ()


def test_two_requests_at_the_upstream_are_a_mismatch() -> None:
    twice = replace(SEEN, upstream=SEEN.upstream * 2)

    assert judged("upstream: {method: POST}", twice) == [
        "upstream: expected one request, saw 2 requests"
    ]


def test_a_plugin_that_does_not_start_is_the_only_news() -> None:
    found = judged("{client: {status: 200}, logs: [x], metrics: {a: 1}}", REFUSED)

    assert found == ["configured: expected true, saw false"]


def test_a_refused_configuration_can_be_expected_with_its_log() -> None:
    assert judged("{configured: false, logs: [configured]}", REFUSED) == []


def test_a_plugin_that_traps_at_its_start_did_not_refuse_politely() -> None:
    seen = replace(REFUSED, trap=TRAPPED.trap)

    assert judged("configured: false", seen) == [
        "trap: expected none, saw unreachable in proxy_on_request_headers"
    ]


def test_a_hostcall_that_the_target_lacks_is_a_mismatch() -> None:
    seen = replace(SEEN, unimplemented=("proxy_http_call",))

    assert judged("configured: true", seen) == [
        "hostcalls: expected only those this target has, saw proxy_http_call"
    ]


def test_a_hazard_is_a_mismatch() -> None:
    seen = replace(SEEN, hazards=(SeenHazard(name="hurts", words="the plugin hurts a proxy"),))

    assert judged("configured: true", seen) == [
        "hazards: expected none, saw hurts: the plugin hurts a proxy"
    ]


def test_what_a_target_cannot_see_is_not_judged() -> None:
    assert judged("{client: never, trap: true}", SEEN, frozenset({Aspect.TRAP})) == [
        "trap: expected a trap, saw none"
    ]


def test_an_expectation_names_the_sides_it_speaks_of() -> None:
    assert expect.aspects(expectation("{client: never, no_logs: true}")) == {
        Aspect.CLIENT,
        Aspect.LOGS,
    }
