from pathlib import Path

import pytest

from tests.envoy.plugins import ADD_HEADER, CONTINUE, FALSE, SAY, TRUE, plugin
from tests.testing.targets.playing import exchange, setup_of
from wasmctl import messages
from wasmctl.abi.types import LogLevel
from wasmctl.plugin import Plugin
from wasmctl.records import LogLine, TrapKind
from wasmctl.testing.observation import Observation
from wasmctl.testing.targets.base import Target
from wasmctl.testing.targets.envoy import EnvoyTarget
from wasmctl.testing.targets.harness import HarnessTarget

REQUEST = messages.request("/")
REPLY = messages.response(200)
COUNT = """
  (drop (call $define (i32.const 0) (i32.const 192) (i32.const 7) (i32.const 240)))
  (drop (call $increment (i32.load (i32.const 240)) (i64.const 3)))"""
SET = """
  (drop (call $define (i32.const 1) (i32.const 176) (i32.const 5) (i32.const 244)))
  (drop (call $record (i32.load (i32.const 244)) (i64.const 7)))"""
LINE = LogLine(level=LogLevel.INFO, text="text")


def observed(tested: Plugin, *, requests: int = 1, target: Target | None = None) -> Observation:
    with (
        (target or HarnessTarget()).stage([]) as stage,
        stage.session(setup_of(tested)) as session,
    ):
        for _ in range(requests):
            exchange(session)
        return session.observation()


def test_the_upstream_and_the_client_see_what_the_plugin_did() -> None:
    tested = plugin(
        request_headers=ADD_HEADER.format(map=0) + CONTINUE,
        response_headers=ADD_HEADER.format(map=2) + CONTINUE,
    )

    seen = observed(tested)

    assert seen.configured
    assert seen.upstream[0].message.values(b"x-plugin") == (b"here",)
    assert seen.client
    assert seen.client.message.values(b"x-plugin") == (b"here",)
    assert (seen.upstream[0].complete, seen.client.complete) == (True, True)


def test_the_log_and_the_metrics_are_seen() -> None:
    seen = observed(plugin(configure=SAY + TRUE, request_headers=SAY + COUNT + CONTINUE))

    assert seen.logs == (LINE, LINE)
    assert seen.metrics == {"counter": 3}


def test_each_request_of_a_session_is_seen() -> None:
    seen = observed(plugin(request_headers=COUNT + CONTINUE), requests=2)

    assert len(seen.upstream) == 2
    assert seen.metrics == {"counter": 6}


@pytest.mark.parametrize("requests", [0, 2])
@pytest.mark.parametrize("target", [HarnessTarget(), EnvoyTarget()], ids=["harness", "envoy"])
def test_counters_begin_behind_the_start_and_gauges_have_their_value(
    target: Target, requests: int
) -> None:
    tested = plugin(configure=COUNT + SET + TRUE, request_headers=COUNT + CONTINUE)

    seen = observed(tested, requests=requests, target=target)

    assert seen.metrics == {"counter": 3 * requests, "gauge": 7}


def test_each_session_has_a_plugin_of_its_own() -> None:
    target = HarnessTarget()
    tested = plugin(request_headers=COUNT + CONTINUE)

    seen = [observed(tested, target=target) for _ in range(2)]

    assert [each.metrics for each in seen] == [{"counter": 3}] * 2


def test_a_session_without_request_sees_the_start() -> None:
    seen = observed(plugin(configure=SAY + TRUE), requests=0)

    assert (seen.configured, seen.upstream, seen.client) == (True, (), None)
    assert seen.logs == (LINE,)


def test_a_refused_plugin_is_an_observation_and_gets_no_request() -> None:
    seen = observed(plugin(configure=SAY + FALSE))

    assert not seen.configured
    assert seen.load_error == "Failed to configure base Wasm plugin"
    assert seen.logs == (LINE,)
    assert (seen.upstream, seen.client, seen.trap) == ((), None, None)


def test_a_trap_at_the_start_is_seen() -> None:
    seen = observed(plugin(configure="(unreachable)"))

    assert not seen.configured
    assert seen.trap
    assert seen.trap.kind is TrapKind.UNREACHABLE


def test_the_first_trap_is_the_one_that_is_told() -> None:
    seen = observed(plugin(request_headers="(unreachable)"), requests=2)

    assert seen.trap
    assert seen.trap.callback == "proxy_on_request_headers"
    assert seen.client
    assert seen.client.message.status == 503


def test_where_a_stream_stopped_for_good_is_seen() -> None:
    seen = observed(plugin(response_headers="(i32.const 1)"))

    assert seen.client is None
    assert seen.paused_at == "proxy_on_response_headers"


def test_a_hazard_is_seen() -> None:
    seen = observed(plugin(request_headers="(drop (call $continue (i32.const 0)))" + CONTINUE))

    assert len(seen.hazards) == 1
    assert seen.hazards[0].words.startswith("proxy_continue_stream in proxy_on_request_headers: ")


def test_a_compiled_module_is_kept_for_the_next_run(tmp_path: Path) -> None:
    observed(plugin(), target=HarnessTarget(cache=tmp_path))

    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [".cwasm"]
