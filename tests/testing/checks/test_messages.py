from dataclasses import replace

import pytest

from tests.testing.checks.judging import judged
from wasmctl import messages
from wasmctl.testing.observation import Observation, Seen

DENIED = Seen(
    message=messages.response(
        403,
        headers=((b"x-b", b"1"), (b"x-a", b"2"), (b"server", b"envoy")),
        chunks=(b"no",),
    ),
    details="gate_denied",
)
PASSED = Seen(message=messages.response(200), details="via_upstream")
SEEN = Observation(configured=True, client=DENIED, clients=(PASSED, None, DENIED))
UNTOLD = replace(SEEN, client=replace(DENIED, details=None))
ANSWERED = replace(SEEN, client=PASSED, clients=(PASSED,))
FAILED = replace(SEEN, client=replace(DENIED, details="wasm_fail_stream"))

HOLDS = [
    "client: {by: plugin, details: gate_denied}",
    "client: {only_headers: {x-a: 2, x-b: 1}}",
    "client: {header_order: [x-b, x-a]}",
    "client: [{status: 200, by: upstream}, never, {status: 403}]",
    "local_response: {status: 403, body: no, headers: {x-a: 2}, details: {starts_with: gate}}",
]


@pytest.mark.parametrize("written", HOLDS)
def test_what_holds_has_no_mismatch(written: str) -> None:
    assert judged(written, SEEN) == []


FAILS = [
    ("client: {by: upstream}", "client.by: expected upstream, saw plugin"),
    ("client: {details: other}", 'client.details: expected "other", saw "gate_denied"'),
    ("client: {only_headers: {x-a: 2}}", 'client.only_headers.x-b: expected nothing, saw "1"'),
    ("client: {only_headers: {x-a: 1, x-b: 1}}", 'client.only_headers.x-a: expected "1", saw "2"'),
    ("client: {header_order: [x-a, x-b]}", "client.header_order: expected x-a, x-b, saw x-b, x-a"),
    ("client: {header_order: [x-a, x-c]}", "client.header_order: expected x-a, x-c, saw x-a"),
    ("client: [{status: 200}, never]", "client: expected 2 responses, saw 3"),
    (
        "client: [{status: 201}, never, {status: 403}]",
        "client[0].status: expected 201, saw 200",
    ),
    (
        "client: [{status: 200}, {status: 200}, {status: 403}]",
        "client[1]: expected a whole message, saw none",
    ),
    ("client: [never, never, {status: 403}]", "client[0]: expected never, saw 200"),
    ("local_response: none", "local_response: expected none, saw 403"),
    ("local_response: {status: 401}", "local_response.status: expected 401, saw 403"),
]


@pytest.mark.parametrize(("written", "mismatch"), FAILS)
def test_what_differs_is_told(written: str, mismatch: str) -> None:
    assert judged(written, SEEN) == [mismatch]


def test_an_answer_of_the_upstream_is_no_local_response() -> None:
    assert judged("local_response: none", ANSWERED) == []
    assert judged("local_response: {status: 200}", ANSWERED) == [
        "local_response: expected one by the plugin, saw 200 by the upstream"
    ]


def test_an_answer_of_the_proxy_is_no_local_response() -> None:
    assert judged("{local_response: none, client: {by: proxy}}", FAILED) == []


def test_no_answer_is_no_local_response() -> None:
    nothing = Observation(configured=True)

    assert judged("local_response: {status: 403}", nothing) == [
        "local_response: expected one by the plugin, saw none"
    ]


def test_the_only_plugin_can_be_named() -> None:
    named = replace(SEEN, plugins=("gate",))

    assert judged("{client: {by: gate}, local_response: {by: gate}}", named) == []
    assert judged("client: {by: other}", named) == ["client.by: expected other, saw plugin"]


def test_which_of_several_plugins_answered_is_not_known() -> None:
    several = replace(SEEN, plugins=("gate", "other"))

    assert judged("client: {by: gate}", several) == ["client.by: expected gate, saw plugin"]


def test_what_a_target_cannot_tell_of_a_response_is_not_judged() -> None:
    assert judged("client: {by: upstream, details: other}", UNTOLD) == []
