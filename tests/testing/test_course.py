"""What each expectation of a test with steps sees, on a target that shows what it is told."""

from dataclasses import dataclass, field

import pytest

from tests.fakes.sessions import FakeSession
from wasmctl import messages
from wasmctl.abi.types import LogLevel
from wasmctl.messages import Message
from wasmctl.outcomes import HELD, Outcome
from wasmctl.records import LogLine, Trap, TrapKind
from wasmctl.testing import captures, course, scenario, step_reading
from wasmctl.testing.observation import Aspect, Observation, Seen, SeenHazard
from wasmctl.testing.scalars import Value
from wasmctl.testing.scenario import Defaults
from wasmctl.testing.targets.base import Sending
from wasmctl.testing.upstreams import Rule, Upstream, Upstreams

TRAP = Trap(kind=TrapKind.UNREACHABLE, callback="proxy_on_log", message="m")


@dataclass
class EchoingPlugin:
    """A plugin that logs each request's path, and traps at ``/trap``."""

    configured: bool = True
    requests: list[Message] = field(default_factory=list)

    def take(self, sending: Sending) -> None:
        self.requests.append(sending.request)

    def observation(self) -> Observation:
        paths = [request.values(b":path")[0].decode() for request in self.requests]
        lines = ["start", *paths]
        answer = Seen(message=messages.response(200)) if paths else None
        return Observation(
            configured=self.configured,
            upstream=tuple(Seen(message=request) for request in self.requests),
            client=answer,
            clients=(answer,) * len(paths),
            logs=tuple(LogLine(level=LogLevel.INFO, text=line) for line in lines),
            metrics={"requests": len(paths)},
            trap=TRAP if "/trap" in paths else None,
            unimplemented=("proxy_done",) * paths.count("/unimplemented"),
            hazards=(SeenHazard(name="a", words="a mistake"),) * paths.count("/hazard"),
        )


def repeat(times: int, steps: Value, **expect: Value) -> Value:
    return {"repeat": {"times": times, "steps": steps, **({"expect": expect} if expect else {})}}


def http(path: str, **expect: Value) -> Value:
    return {"http": {"request": path, **({"expect": expect} if expect else {})}}


def lines(*texts: str) -> Value:
    return [{"equals": text, "times": 1} for text in texts]


def failures(test: dict[str, Value], *, configured: bool = True) -> list[str]:
    read = scenario.Test.model_validate({"name": "a", **test})
    echoing = EchoingPlugin(configured=configured)
    session = FakeSession(show=echoing.observation, on_send=echoing.take)
    played = course.play(step_reading.of(read, Defaults()), session, frozenset(Aspect))
    return list(map(str, played.mismatches))


@pytest.mark.parametrize(
    "test",
    [
        {"request": "/a", "expect": {"logs": lines("start", "/a")}},
        {"before": [http("/b")], "request": "/a", "expect": {"no_logs": ["start", "/b"]}},
        {"before": [http("/b")], "request": "/a", "expect": {"upstream": {"path": "/a"}}},
        {"before": [http("/b")], "expect": {"upstream": {"path": "/b"}, "logs": lines("start")}},
        {"before": [http("/b")], "steps": [{"expect": {"logs": lines("start", "/b")}}]},
        {"steps": [http("/a"), http("/b", no_logs=["start", "/a"], logs=lines("/b"))]},
        {"steps": [http("/a"), http("/b"), {"expect": {"logs": lines("start", "/a", "/b")}}]},
        {"steps": [http("/a"), http("/b", metrics={"requests": 2})]},
        {"steps": [http("/trap", trap=True), http("/a"), {"expect": {"trap": "unreachable"}}]},
        {
            "steps": [
                http("/a"),
                repeat(
                    3,
                    [http("/r", logs=lines("/r"))],
                    logs=[{"equals": "/r", "times": 3}],
                    no_logs=["/a"],
                ),
            ]
        },
    ],
)
def test_expectations_see_what_their_place_says(test: dict[str, Value]) -> None:
    assert failures(test) == []


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ({"steps": [http("/trap")]}, ["steps[0].trap: expected none, saw unreachable in proxy"]),
        (
            {"steps": [http("/trap", trap=True), http("/a", trap=True)]},
            ["steps[1].trap: expected a trap, saw none"],
        ),
        (
            {"steps": [http("/unimplemented"), http("/a")]},
            ["steps[0].hostcalls: expected only those this target has, saw proxy_done"],
        ),
        ({"steps": [http("/hazard"), http("/a")]}, ["steps[0].hazards: expected none, saw a: a"]),
        (
            {"before": [http("/b", client={"status": 404})], "expect": {"configured": True}},
            ["before[0].client.status: expected 404, saw 200"],
        ),
        (
            {"steps": [http("/a"), http("/b"), {"expect": {"upstream": {"path": "/a"}}}]},
            ["steps[2].upstream: expected one request, saw 2 requests"],
        ),
        (
            {
                "steps": [
                    repeat(3, [http("/r", metrics={"requests": 1})]),
                    http("/a", client={"status": 404}),
                ]
            },
            [
                "steps[0].steps[0].metrics.requests (run 2): expected 1, saw 2",
                "steps[1].client.status: expected 404, saw 200",
            ],
        ),
    ],
)
def test_what_fails_names_its_step(test: dict[str, Value], told: list[str]) -> None:
    found = failures(test)

    assert len(found) == len(told)
    for line, beginning in zip(found, told, strict=True):
        assert line.startswith(beginning)


def test_a_plugin_that_did_not_start_is_told_once() -> None:
    told = failures({"steps": [http("/a"), http("/b")]}, configured=False)

    assert told == ["steps[0].configured: expected true, saw false"]


OPEN = Observation(configured=True, client=None)
BEGUN: Value = {"http": {"id": "a", "request": "/a", "until": "paused"}}


def played(steps: Value, session: FakeSession) -> list[str]:
    read = scenario.Test.model_validate({"name": "a", "steps": steps})
    result = course.play(step_reading.of(read, Defaults()), session, frozenset(Aspect))
    return list(map(str, result.mismatches))


def test_each_step_is_played_in_its_order() -> None:
    session = FakeSession(show=lambda: OPEN, held=("auth", "a", "jobs"))
    steps: Value = [
        BEGUN,
        {"answer": {"callout": {"to": "auth", "nth": 2}, "reply": 200}},
        {"answer": {"stream": "a", "fail": "reset"}},
        {"advance": "1.5s"},
        {"reconfigure": {"plugin": "p", "config": "new"}},
        {"restart_vm": None},
        {"set": {"vm_id": "v", "shared_data": {"k": "x"}}},
        {"enqueue": {"queue": "jobs", "data": "one"}},
        {"cancel": "a"},
    ]

    assert played(steps, session) == []
    assert session.played == [
        *("send a", "wait a paused", "answer auth 1", "answer a", "advance 1500000000"),
        *("reconfigure p new", "restart_vm", "set v k x", "enqueue  jobs one", "cancel a"),
    ]


def test_requests_at_once_are_all_begun_before_one_is_waited_for() -> None:
    session = FakeSession(show=lambda: OPEN)

    played([{"http": {"times": 2, "request": "/a", "expect": {"client": "never"}}}], session)

    assert session.played == ["send steps[0] 1, steps[0] 2", "wait steps[0] 1, steps[0] 2"]


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ({"client": {"status": 200}}, ["client.status (request 2): expected 200, saw 429"]),
        ({"client": [{"status": 200}, {"status": 429}, {"status": 429}]}, []),
        ({"client": [{}, {}]}, ["client: expected 2 responses, saw 3"]),
        ({"upstream": "never"}, ["upstream (request 1): expected never, saw GET /a"]),
    ],
)
def test_what_is_expected_of_requests_at_once_holds_for_each(
    expect: Value, told: list[str]
) -> None:
    seen: list[Seen] = []
    answers = tuple(Seen(message=messages.response(status)) for status in (200, 429, 429))
    session = FakeSession(
        show=lambda: Observation(
            configured=True, upstream=tuple(seen), clients=answers[: 3 * bool(seen)]
        ),
        on_send=lambda sending: seen.__setitem__(slice(1), [Seen(message=sending.request)]),
    )

    found = played([{"http": {"times": 3, "request": "/a", "expect": expect}}], session)

    assert found == [f"steps[0].{each}" for each in told]


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (
            {"answer": {"callout": {"to": "auth"}}},
            "steps[1].answer: expected a callout to auth that is held, saw none",
        ),
        (
            {"answer": {"stream": "a"}},
            "steps[1].answer: expected a request of stream a that the upstream holds, saw none",
        ),
        (
            {"enqueue": {"queue": "jobs", "data": "x"}},
            "steps[1].enqueue: expected a queue jobs that a plugin has registered, saw none",
        ),
        (
            {"reconfigure": {"config": "bad"}},
            "steps[1].configured: expected true, saw false",
        ),
        (
            {"capture": {"id": "client.body"}},
            "steps[1].capture.id: expected something in client.body, saw nothing",
        ),
    ],
)
def test_a_step_that_cannot_be_played_is_told(step: Value, told: str) -> None:
    session = FakeSession(show=lambda: OPEN, refusal="no")

    assert played([BEGUN, step], session) == [told]


@pytest.mark.parametrize(
    ("client", "instead"),
    [
        (None, "an open stream that no plugin has stopped"),
        (Seen(message=messages.response()), "the end of the answer"),
    ],
)
def test_a_stream_that_does_not_come_so_far_is_told(client: Seen | None, instead: str) -> None:
    shown = Observation(configured=True, client=client)
    session = FakeSession(show=lambda: shown, reaches=())

    assert played([BEGUN], session) == [f"steps[0].until: expected paused, saw {instead}"]


def test_callouts_without_rules_and_rules_without_callouts_are_told() -> None:
    rule = Rule(
        place="upstreams.auth.rules[0]",
        fits=lambda callout: callout.values(b":path") == (b"/v1",),
        outcome=HELD,
        must_be_used=True,
    )
    met: list[Outcome] = []
    upstreams = Upstreams({"auth": Upstream(rules=(rule,))})
    session = FakeSession(
        show=lambda: OPEN,
        upstreams=upstreams,
        on_send=lambda sending: met.append(upstreams.outcome("auth", sending.request)),
    )
    fresh = FakeSession(show=lambda: OPEN, upstreams=Upstreams({"auth": Upstream(rules=(rule,))}))

    (unmatched,) = played([BEGUN], session)
    (unused,) = played([BEGUN], fresh)

    assert unmatched == (
        "steps[0].callouts: expected a rule for each in upstreams, saw a callout to auth without"
        " a rule: {when: {method: GET, path: /a}, reply: 200}"
    )
    assert unused == ("upstreams.auth.rules[0]: expected a callout that meets this rule, saw none")


def test_what_was_captured_is_in_later_steps() -> None:
    logged = Observation(configured=True, logs=(LogLine(level=LogLevel.INFO, text="id 7"),))
    sent: list[Message] = []
    session = FakeSession(show=lambda: logged, on_send=lambda sending: sent.append(sending.request))
    steps: Value = [
        {"capture": {"id": {"from": "logs", "search": "id ([0-9])"}}},
        {"http": {"id": "b", "until": "paused", "request": f"/{captures.mark('id')}"}},
    ]
    raw: dict[str, Value] = {"steps": steps}
    read = scenario.Test.model_validate({"name": "a", **raw})

    found = course.play(step_reading.of(read, Defaults(), raw=raw), session, frozenset(Aspect))

    assert found.mismatches == ()
    assert [request.values(b":path") for request in sent] == [(b"/7",)]
