"""What each expectation of a test with steps sees, on a target that shows what it is told."""

from dataclasses import dataclass, field

import pytest

from tests.fakes.sessions import FakeSession
from wasmctl import messages
from wasmctl.abi.types import LogLevel
from wasmctl.messages import Message
from wasmctl.records import LogLine, Trap, TrapKind
from wasmctl.testing import course, scenario, step_reading
from wasmctl.testing.observation import Aspect, Observation, Seen, SeenHazard
from wasmctl.testing.scalars import Value
from wasmctl.testing.scenario import Defaults
from wasmctl.testing.targets.base import Sending

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
