from dataclasses import replace
from pathlib import Path

import pytest

from wasmctl import messages
from wasmctl.abi.types import LogLevel
from wasmctl.host import Ending, TraceKind, TraceRecord
from wasmctl.records import LogLine, Trap, TrapKind
from wasmctl.testing import parity
from wasmctl.testing.observation import Callout, Observation, Seen
from wasmctl.testing.report import Outcome, Result

REQUEST = messages.request("/", headers=((b"x-a", b"1"),), chunks=(b"abc",))
RESPONSE = messages.response(200, headers=((b"x-b", b"1"),), trailers=((b"x-t", b"1"),))
CALLOUT = Callout(kind="http", to="auth", message=messages.request("/check"))
SEEN = Observation(
    configured=True,
    callouts=(CALLOUT,),
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
            replace(SEEN, clients=(SEEN.client, None)),
            "client[0]: harness none, envoy an answer",
        ),
        (
            replace(SEEN, paused_at="proxy_on_request_body"),
            "paused_at: harness never, envoy proxy_on_request_body",
        ),
        (
            replace(SEEN, tick_period=100),
            "tick_period: harness 0, envoy 100",
        ),
        (
            replace(SEEN, callouts=()),
            "callouts: harness 1 callouts, envoy 0 callouts",
        ),
        (
            replace(SEEN, callouts=(replace(CALLOUT, to="other"),)),
            "callouts[0].to: harness auth, envoy other",
        ),
        (
            replace(SEEN, callouts=(replace(CALLOUT, message=messages.request("/c")),)),
            'callouts[0].headers.:path: harness "/check", envoy "/c"',
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


def traced(*functions: str) -> Observation:
    called = [("proxy_on_request_headers", 0), *((name, 1) for name in functions)]
    return replace(SEEN, trace=tuple(_call(*each) for each in called))


def _call(function: str, depth: int) -> TraceRecord:
    return TraceRecord(
        kind=TraceKind.HOSTCALL if depth else TraceKind.CALLBACK,
        module="env" if depth else "",
        function=function,
        arguments=(depth,),
        returned=0,
        ending=Ending.RETURNED,
        depth=depth,
        vm=1,
        context=2,
    )


def test_the_first_call_that_differs_is_told() -> None:
    one, other = traced("proxy_log", "proxy_done"), traced("proxy_log", "proxy_get_status")

    (told,) = edges(one, other)

    assert told == (
        "calls[3] in proxy_on_request_headers:"
        " harness [vm->host] env.proxy_done(1), envoy [vm->host] env.proxy_get_status(1)"
    )


def test_a_call_that_one_alone_made_is_told() -> None:
    (told,) = edges(traced(), traced("proxy_log"))

    assert told == (
        "calls[1] in proxy_on_request_headers:"
        " harness [host<-vm] proxy_on_request_headers return: 0,"
        " envoy [vm->host] env.proxy_log(1)"
    )


def test_looks_at_the_clock_are_not_compared() -> None:
    assert edges(traced("proxy_log"), traced("clock_time_get", "proxy_log")) == []


def test_calls_are_compared_where_both_were_traced() -> None:
    assert edges(SEEN, traced("proxy_log")) == []


def test_a_difference_that_is_known_is_told_with_its_reason() -> None:
    one = replace(result("harness", SEEN), diverges="a reason")
    found = parity.of([one, result("envoy", replace(SEEN, metrics={}))])

    assert [each.known for each in found.differences] == ["a reason"]
    assert (found.parted, found.healed) == (0, ())


def test_a_difference_that_is_known_and_gone_is_told() -> None:
    one = replace(result("harness", SEEN), diverges="a reason")
    found = parity.of([one, result("envoy", SEEN)])

    assert found.healed == (one,)


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
                    "known": None,
                }
            ],
            "healed": [],
        }
    }
