import pytest

from tests.testing.checks.judging import judged
from wasmctl.testing.observation import Observation, SeenHazard

SEEN = Observation(
    configured=True,
    shared_data={b"hits": b"2", b"raw": b"\xff"},
    queues={"jobs": (b"a", b"b"), "none": ()},
    metrics={"gate.refused": 2, "gate.open": 0},
    hostcalls={"proxy_log": 3},
)
HURT = Observation(
    configured=True, hazards=(SeenHazard(name="sent_twice", words="it hurts a proxy"),)
)

HOLDS = [
    "shared_data: {hits: 2, raw: {hex: ff}, gone: ~}",
    "shared_data: {hits: {json: 2}}",
    "queues: {jobs: [a, b], none: [], gone: ~}",
    "queues: {jobs: 2, none: {lt: 1}}",
    "metrics: {gate.refused: {delta: 2}, gate.open: ~, gate.other: ~}",
    "hostcalls: {proxy_log: {ge: 1, le: 3}, proxy_http_call: 0}",
]


@pytest.mark.parametrize("written", HOLDS)
def test_what_holds_has_no_mismatch(written: str) -> None:
    assert judged(written, SEEN) == []


FAILS = [
    ("shared_data: {hits: 3}", 'shared_data.hits: expected "3", saw "2"'),
    ("shared_data: {hits: ~}", 'shared_data.hits: expected nothing, saw "2"'),
    ("shared_data: {gone: 1}", 'shared_data.gone: expected "1", saw nothing'),
    ("queues: {jobs: [a]}", 'queues.jobs: expected the values ["a"], saw "a", "b"'),
    ("queues: {jobs: 1}", "queues.jobs: expected 1, saw 2"),
    ("queues: {jobs: ~}", "queues.jobs: expected no such queue, saw 2 waiting"),
    ("queues: {gone: []}", "queues.gone: expected the values [], saw no such queue"),
    ("hostcalls: {proxy_log: 2}", "hostcalls.proxy_log: expected 2, saw 3"),
    (
        "hostcalls: {proxy_http_call: {ge: 1}}",
        "hostcalls.proxy_http_call: expected a number ≥ 1, saw 0",
    ),
]


@pytest.mark.parametrize(("written", "mismatch"), FAILS)
def test_what_differs_is_told(written: str, mismatch: str) -> None:
    assert judged(written, SEEN) == [mismatch]


def test_a_hazard_can_be_expected_by_its_name() -> None:
    assert judged("hazards: [sent_twice]", HURT) == []


def test_a_hazard_that_does_not_come_is_missed() -> None:
    assert judged("hazards: [no_response_yet, sent_twice]", HURT) == [
        "hazards: expected no_response_yet, saw sent_twice"
    ]


def test_another_hazard_than_the_expected_is_told() -> None:
    assert judged("hazards: [no_response_yet]", HURT) == [
        "hazards: expected no_response_yet, saw sent_twice: it hurts a proxy",
        "hazards: expected no_response_yet, saw sent_twice",
    ]
