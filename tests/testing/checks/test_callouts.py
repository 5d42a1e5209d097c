import pytest

from tests.testing.checks.judging import judged
from wasmctl import messages
from wasmctl.testing.observation import Callout, Observation


def callout(path: str, **others: object) -> Callout:
    request = messages.request(path, authority="auth", headers=((b"x-key", b"k"),))
    values = {"kind": "http", "to": "auth", "timeout": 250, "state": "answered", **others}
    return Callout(message=request, **values)  # type: ignore[arg-type]


SEEN = Observation(
    configured=True,
    callouts=(callout("/one"), callout("/two", to="log", state="timed_out", plugin="gate")),
)
NONE = Observation(configured=True)

HOLDS = [
    "callouts: [{to: auth, path: /one, method: GET, headers: {x-key: k, x-no: ~}}]",
    "callouts: [{path: /two, state: timed_out, kind: http}, {to: auth}]",
    "callouts: [{timeout: {le: 250}, times: 2}, {path: /three, times: 0}]",
    "only_callouts: [{to: auth}, {to: log}]",
]


@pytest.mark.parametrize("written", HOLDS)
def test_callouts_that_were_made_are_found(written: str) -> None:
    assert judged(written, SEEN) == []


FAILS = [
    ("callouts: [{to: auth, path: /three}]", 'callouts[0].path: expected "/three", saw "/one"'),
    ("callouts: [{to: other, path: /two}]", 'callouts[0].to: expected "other", saw "log"'),
    (
        "callouts: [{path: /one}, {path: /two, timeout: {lt: 250}}]",
        "callouts[1].timeout: expected a number < 250, saw 250",
    ),
    (
        "callouts: [{path: /two, state: answered}]",
        "callouts[0].state: expected answered, saw timed_out",
    ),
    ("callouts: [{path: /one, kind: grpc_call}]", "callouts[0].kind: expected grpc_call, saw http"),
    (
        "callouts: [{to: auth, times: 2}]",
        "callouts[0]: expected such callouts, times 2, saw 1 among auth GET /one, log GET /two",
    ),
    (
        "callouts: [{path: /two, plugin: other}]",
        'callouts[0].plugin: expected "other", saw "gate"',
    ),
    (
        "only_callouts: [{to: auth}]",
        "only_callouts: expected 1 callout, saw auth GET /one, log GET /two",
    ),
    (
        "only_callouts: [{to: auth}, {path: /2}]",
        'only_callouts[1].path: expected "/2", saw "/two"',
    ),
    ("no_callouts: true", "no_callouts: expected none, saw auth GET /one, log GET /two"),
]


@pytest.mark.parametrize(("written", "mismatch"), FAILS)
def test_callouts_that_differ_are_told_by_what_differs(written: str, mismatch: str) -> None:
    assert judged(written, SEEN) == [mismatch]


def test_callouts_that_were_not_made_are_missed() -> None:
    found = judged("{callouts: [{to: auth}], only_callouts: [{to: auth}]}", NONE)

    assert found == [
        "callouts[0]: expected a callout, saw none",
        "only_callouts: expected 1 callout, saw none",
    ]


def test_no_callouts_hold_where_none_was_made() -> None:
    assert judged("{no_callouts: true, only_callouts: []}", NONE) == []


def test_what_a_target_cannot_tell_of_a_callout_is_not_judged() -> None:
    seen = Observation(configured=True, callouts=(callout("/", timeout=None, state=None),))

    assert judged("callouts: [{timeout: 1, state: pending, plugin: x}]", seen) == []
