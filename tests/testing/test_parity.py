from dataclasses import replace
from pathlib import Path

import pytest

from wasmctl import messages
from wasmctl.abi.types import LogLevel
from wasmctl.records import LogLine, Trap, TrapKind
from wasmctl.testing import parity
from wasmctl.testing.observation import Observation, Seen
from wasmctl.testing.report import Outcome, Result

REQUEST = messages.request("/", headers=((b"x-a", b"1"),), chunks=(b"abc",))
RESPONSE = messages.response(200, headers=((b"x-b", b"1"),), trailers=((b"x-t", b"1"),))
SEEN = Observation(
    configured=True,
    upstream=(Seen(message=REQUEST),),
    client=Seen(message=RESPONSE),
    logs=(LogLine(level=LogLevel.INFO, text="one"), LogLine(level=LogLevel.WARN, text="two")),
    metrics={"counter": 1},
)
TRAP = Trap(kind=TrapKind.UNREACHABLE, callback="proxy_on_log", message="m")


def result(target: str, seen: Observation | None) -> Result:
    return Result(
        name="one",
        file=Path("a.yaml"),
        line=3,
        target=target,
        outcome=Outcome.PASSED,
        observation=seen,
    )


def edges(one: Observation, other: Observation) -> list[str]:
    found = parity.of([result("harness", one), result("envoy", other)])
    assert found.compared == 1
    return [
        f"{each.edge}: {', '.join(f'{target} {seen}' for target, seen in each.seen)}"
        for each in found.differences
    ]


def test_what_both_saw_alike_is_no_difference() -> None:
    assert edges(SEEN, SEEN) == []


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (
            replace(SEEN, configured=False),
            "configured: harness true, envoy false",
        ),
        (
            replace(SEEN, trap=TRAP),
            "trap: harness none, envoy unreachable in proxy_on_log",
        ),
        (
            replace(SEEN, upstream=()),
            "upstream: harness 1 whole requests, envoy 0 whole requests",
        ),
        (
            replace(SEEN, upstream=(Seen(message=replace(REQUEST, chunks=(b"abd",))),)),
            'upstream[0].body: harness "abc", envoy "abd"',
        ),
        (
            replace(SEEN, client=None),
            "client: harness an answer, envoy none",
        ),
        (
            replace(SEEN, client=Seen(message=RESPONSE, complete=False)),
            "client: harness whole, envoy its end never came",
        ),
        (
            replace(SEEN, client=Seen(message=replace(RESPONSE, trailers=()))),
            'client.trailers.x-t: harness "1", envoy nothing',
        ),
        (
            replace(SEEN, client=Seen(message=replace(RESPONSE, headers=((b":status", b"200"),)))),
            'client.headers.x-b: harness "1", envoy nothing',
        ),
        (
            replace(SEEN, logs=SEEN.logs[1:]),
            'logs[0]: harness info "one", envoy warn "two"',
        ),
        (
            replace(SEEN, metrics={"counter": 2, "untouched": 0}),
            "metrics.counter: harness 1, envoy 2",
        ),
    ],
)
def test_each_edge_is_compared(other: Observation, told: str) -> None:
    assert edges(SEEN, other) == [told]


def test_what_proxies_add_and_what_a_request_began_is_no_difference() -> None:
    noisy = messages.response(200, headers=((b"x-b", b"1"), (b"date", b"today")))
    begun = Seen(message=REQUEST, complete=False)
    other = replace(
        SEEN,
        client=Seen(message=replace(noisy, trailers=RESPONSE.trailers)),
        upstream=(*SEEN.upstream, begun),
    )

    assert edges(SEEN, other) == []


def test_tests_that_ran_on_one_target_are_not_compared() -> None:
    alone = parity.of([result("harness", SEEN), result("envoy", None)])

    assert (alone.compared, parity.as_json(alone)) == (0, {})


def test_json_tells_both_sides_by_their_names() -> None:
    found = parity.of([result("harness", SEEN), result("envoy", replace(SEEN, metrics={}))])

    assert parity.as_json(found) == {
        "parity": {
            "compared": 1,
            "differences": [
                {
                    "file": "a.yaml",
                    "line": 3,
                    "name": "one",
                    "edge": "metrics.counter",
                    "seen": {"harness": "1", "envoy": "0"},
                }
            ],
        }
    }
