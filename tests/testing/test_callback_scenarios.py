"""Scenarios at callback altitude: what passes on the embedded host, and what fails why."""

import json
from pathlib import Path

import pytest

from tests.host.plugins import plugin
from wasmctl.abi.wire import encode_pairs
from wasmctl.testing import runner, suite
from wasmctl.testing.report import Outcome, Result
from wasmctl.testing.targets import TARGETS

CALL = encode_pairs(((b":method", b"GET"), (b":path", b"/"), (b":authority", b"auth.test")))
PLUGIN = plugin(
    {
        "configure": [
            ("proxy_log", 2, b"started"),
            ("proxy_set_tick_period_milliseconds", 100),
            ("proxy_register_shared_queue", b"jobs", 16),
        ],
        "tick": [("proxy_log", 2, b"tick"), ("proxy_http_call", b"auth", CALL, b"", b"", 0, 16)],
        "queue_ready": [("proxy_log", 2, b"ready")],
        "http_call_response": [("proxy_log", 2, b"answered")],
        "request_headers": [("proxy_add_header_map_value", 0, b"x-a", b"1")],
        "request_body": [
            "(if (i32.eqz (local.get 2)) (then (return (i32.const 1))))",
            ("proxy_set_buffer_bytes", 0, 0, 100, b"******"),
        ],
        "request_trailers": [("proxy_add_header_map_value", 1, b"x-t", b"2")],
        "response_headers": [("proxy_send_local_response", 503, b"why", b"no", b"", -1)],
        "log": [("proxy_log", 2, b"bye")],
        "done": [("proxy_log", 2, b"done")],
    }
)
HEADERS = "request_headers: {method: POST, path: /up"
# The steps of a test that holds, what is written in the place of what, and what is told then.
CASES = {
    "start": (
        ["start: {expect: {configured: true, logs: [started]}}"],
        "started",
        "ended",
        'steps[0].logs[0]: expected a line ("ended"), saw none of 1 lines',
    ),
    "a start that is not refused": (
        ["start: {expect: {configured: true}}"],
        "configured: true",
        "configured: false",
        "steps[0].configured: expected false, saw true",
    ),
    "action": (
        [f"{HEADERS}, expect: {{action: continue}}}}"],
        "continue",
        "pause",
        "steps[0].action: expected pause, saw continue",
    ),
    "result": (
        [f"{HEADERS}}}", "request_body: {body: a, expect: {result: 1}}"],
        "result: 1",
        "result: 0",
        "steps[1].result: expected 0, saw 1",
    ),
    "headers": (
        [f"{HEADERS}, expect: {{headers: {{x-a: 1, ':path': /up}}}}}}"],
        "x-a: 1",
        "x-a: ~",
        'steps[0].headers.x-a: expected nothing, saw "1"',
    ),
    "only_headers": (
        [f"{HEADERS}, headers: {{x-b: 2}}, expect: {{only_headers: {{x-a: 1, x-b: 2}}}}}}"],
        "x-a: 1, x-b",
        "x-b",
        'steps[0].only_headers.x-a: expected nothing, saw "1"',
    ),
    "header_order": (
        [f"{HEADERS}, headers: {{x-b: 2}}, expect: {{header_order: [x-b, x-a]}}}}"],
        "x-b, x-a",
        "x-a, x-b",
        "steps[0].header_order: expected x-a, x-b, saw x-b, x-a",
    ),
    "body": (
        [
            "stream_open: {}",
            f"{HEADERS}}}",
            "request_body: {body: sec, expect: {action: pause, body: sec, end_stream: false}}",
            "request_body: {body: ret, end_stream: true, expect: {body: '******'}}",
            "expect: {upstream: {body: '******'}}",
        ],
        "body: sec, end",
        "body: se, end",
        'steps[2].body: expected "se", saw "sec"',
    ),
    "end_stream": (
        [f"{HEADERS}, end_stream: true, expect: {{end_stream: true}}}}"],
        "expect: {end_stream: true",
        "expect: {end_stream: false",
        "steps[0].end_stream: expected false, saw true",
    ),
    "trailers": (
        [
            f"{HEADERS}}}",
            "request_trailers: {trailers: {x-s: 1}, expect: {headers: {x-s: 1, x-t: 2}}}",
        ],
        "x-t: 2",
        "x-t: 3",
        'steps[1].headers.x-t: expected "3", saw "2"',
    ),
    "a response": (
        [
            f"{HEADERS}, end_stream: true}}",
            "response_headers: {status: 200, expect: {local_response: {status: 503, body: no}}}",
            "expect: {client: {status: 503, by: plugin}}",
        ],
        "{status: 503, body",
        "{status: 500, body",
        "steps[1].local_response.status: expected 500, saw 503",
    ),
    "stream_close": (
        [f"{HEADERS}}}", "stream_close: {expect: {logs: [bye]}}"],
        "bye",
        "hello",
        'steps[1].logs[0]: expected a line ("hello"), saw none of 2 lines',
    ),
    "several streams": (
        [
            f"{HEADERS}, stream: a}}",
            f"{HEADERS}, stream: b}}",
            "request_body: {stream: a, body: x, expect: {body: x}}",
            "request_body: {stream: b, body: y, expect: {body: y}}",
        ],
        "expect: {body: y}",
        "expect: {body: x}",
        'steps[3].body: expected "x", saw "y"',
    ),
    "tick": (
        ["tick: {expect: {logs: [tick], time: {elapsed: 100}}}"],
        "elapsed: 100",
        "elapsed: 50",
        "steps[0].time.elapsed: expected 50, saw 100",
    ),
    "a queue is ready": (
        [f"{HEADERS}}}", "enqueue: {queue: jobs, data: x, expect: {logs: [ready]}}"],
        "ready",
        "empty",
        'steps[1].logs[0]: expected a line ("empty"), saw none of 1 lines',
    ),
    "a callout's response": (
        ["tick: {}", "answer: {callout: {to: auth}, reply: 204, expect: {logs: [answered]}}"],
        "[answered]",
        "[refused]",
        'steps[1].logs[0]: expected a line ("refused"), saw none of 1 lines',
    ),
    "shutdown": (
        ["shutdown: {expect: {logs: [done]}}"],
        "done",
        "never",
        'steps[0].logs[0]: expected a line ("never"), saw none of 1 lines',
    ),
}


def ran(folder: Path, steps: list[str], target: str = "harness") -> Result:
    (folder / "p.wasm").write_bytes(PLUGIN)
    path = folder / "a.wasmtest.yaml"
    written = ", ".join(f"{{{step}}}" for step in steps)
    head = "wasmtest: 1\nplugin: {wasm: p.wasm}\nupstreams: {auth: {hold: true}}\ntests:\n"
    path.write_text(f"{head}  - {{name: one, steps: [{written}]}}\n")
    (result,) = runner.run(suite.open_suites([path], None), [TARGETS[target]()]).results
    return result


@pytest.mark.parametrize("case", CASES)
def test_a_step_that_holds_passes(tmp_path: Path, case: str) -> None:
    result = ran(tmp_path, CASES[case][0])

    assert (result.outcome, result.messages) == (Outcome.PASSED, ())


@pytest.mark.parametrize("case", CASES)
def test_a_step_that_is_broken_fails_for_its_reason(tmp_path: Path, case: str) -> None:
    steps, old, new, told = CASES[case]
    broken = [step.replace(old, new) for step in steps]
    assert broken != steps

    result = ran(tmp_path, broken)

    assert (result.outcome, result.messages) == (Outcome.FAILED, (told,)), json.dumps(broken)


def test_callbacks_are_not_called_one_by_one_on_envoy(tmp_path: Path) -> None:
    result = ran(tmp_path, CASES["action"][0], "envoy")

    assert result.outcome is Outcome.SKIPPED
    assert result.messages == ("needs a plugin whose callbacks are called one by one",)
