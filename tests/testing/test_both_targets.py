"""The same scenarios on the embedded host and on a real Envoy, and each expectation broken once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.envoy.plugins import ADD_HEADER, CONTINUE, FALSE, SAY, TRUE, plugin
from wasmctl.testing import runner, suite
from wasmctl.testing.report import Outcome, Report
from wasmctl.testing.targets.base import Target
from wasmctl.testing.targets.envoy import EnvoyTarget
from wasmctl.testing.targets.harness import HarnessTarget

PAUSE = "(i32.const 1)"
COUNT = """(local $id i32)
  (drop (call $define (i32.const 0) (i32.const 192) (i32.const 7) (i32.const 240)))
  (drop (call $increment (i32.load (i32.const 240)) (i64.const 3)))"""

PLUGINS = {
    "headers.wasm": plugin(
        request_headers=COUNT + SAY + ADD_HEADER.format(map=0) + CONTINUE,
        response_headers=ADD_HEADER.format(map=2) + CONTINUE,
    ),
    "refuses.wasm": plugin(configure=SAY + FALSE),
    "starts.wasm": plugin(configure=SAY + TRUE),
    "traps.wasm": plugin(request_headers="(unreachable)"),
    "traps-late.wasm": plugin(request_body="(unreachable)"),
    "pauses.wasm": plugin(response_headers=PAUSE),
}

SCENARIOS = """\
wasmtest: 1
plugin: {wasm: headers.wasm}
defaults: {request: {authority: shop.test, headers: {x-client: one}}}
tests:
  - name: the request goes on
    request: {method: POST, path: /cart?x=1, body: {chunks: [he, llo]}, trailers: {x-t: end}}
    expect:
      upstream:
        method: POST
        path: /cart?x=1
        authority: shop.test
        headers: {x-client: one, x-plugin: here, x-none: ~}
        body: hello
        trailers: {x-t: end}
  - name: the response goes on
    request: /
    reply: {status: 404, headers: {x-r: [a, b]}, body: gone}
    expect:
      client: {status: 404, headers: {x-r: [a, b], x-plugin: {starts_with: he}}, body: gone}
  - name: a value that is not UTF-8
    request: {headers: {x-raw: {hex: ff fe}}}
    expect: {upstream: {headers: {x-raw: {base64: //4=}}}}
  - name: the plugin logs and counts
    request: /
    expect:
      logs: [{level: info, equals: text, times: 1}]
      metrics: {counter: 3}
  - name: nothing of the kind is logged
    request: /
    expect: {no_logs: [{at_least: warn}]}
  - name: a plugin that starts
    plugin: {wasm: starts.wasm}
    expect: {configured: true}
  - name: a plugin that refuses
    plugin: {wasm: refuses.wasm}
    expect: {configured: false}
  - name: a plugin that traps
    plugin: {wasm: traps.wasm}
    request: /
    expect: {upstream: never, trap: unreachable}
  - name: a plugin that traps in the body
    plugin: {wasm: traps-late.wasm}
    request: {method: POST, body: much}
    expect: {upstream: unfinished, client: {status: 503}, trap: true}
  - name: a body from a file, cut
    vars: {n: 2}
    request: {method: POST, body: {file: body.json, split: {size: "${n}"}}}
    reply: {body: {fill: ab, size: 5}}
    expect:
      upstream: {body: {json: {user: {name: ada}}}}
      client: {body: {file: answer.txt}}
  - name: several requests
    steps:
      - http: {request: /1, reply: 201, expect: {upstream: {path: /1}, client: {status: 201}}}
      - http: {request: /2, expect: {upstream: {path: /2}, logs: [{contains: text, times: 1}]}}
      - expect: {upstream: [{path: /1}, {path: /2}], logs: [{contains: text, times: 2}]}
      - repeat:
          times: 2
          steps: [http: {request: /3, expect: {metrics: {counter: {ge: 9}}}}]
          expect: {upstream: [{path: /3}, {method: GET}], logs: [{equals: text, times: 2}]}
      - expect: {metrics: {counter: 12}}
  - name: after a trap
    plugin: {wasm: traps.wasm}
    steps:
      - http: {request: /, expect: {trap: unreachable, client: {status: 503}}}
      - http: {request: /, expect: {upstream: never, client: {status: 503}}}
"""

NEVER_ANSWERED = """\
wasmtest: 1
plugin: {wasm: pauses.wasm}
tests:
  - {name: never goes on, request: /, expect: {upstream: {method: GET}, client: never}}
  - {name: should go on, request: /, expect: {upstream: {method: GET}}}
"""

# What stands above, what is written in its place, the test that then fails, and why.
BROKEN = [
    ("method: POST\n", "method: PUT\n", 0, 'upstream.method: expected "PUT", saw "POST"'),
    ("path: /cart?x=1\n", "path: /\n", 0, 'upstream.path: expected "/", saw "/cart?x=1"'),
    (
        "authority: shop.test\n",
        "authority: a\n",
        0,
        'upstream.authority: expected "a", saw "shop.t',
    ),
    (
        "x-client: one, x-p",
        "x-client: ~, x-p",
        0,
        "upstream.headers.x-client: expected nothing, saw",
    ),
    ("x-none: ~", "x-none: 1", 0, 'upstream.headers.x-none: expected "1", saw nothing'),
    ("body: hello", "body: {len: 4}", 0, 'upstream.body: expected a length of 4, saw "hello"'),
    (
        "trailers: {x-t: end}\n  -",
        "trailers: {x-t: e}\n  -",
        0,
        'upstream.trailers.x-t: expected "e"',
    ),
    ("client: {status: 404", "client: {status: 200", 1, "client.status: expected 200, saw 404"),
    (
        "{x-r: [a, b], x-p",
        "{x-r: [b, a], x-p",
        1,
        'client.headers.x-r: expected the values ["b", "a',
    ),
    ("starts_with: he", "search: ^e", 1, "client.headers.x-plugin: expected a text in which is fo"),
    ("base64: //4=", "base64: /w==", 2, r'upstream.headers.x-raw: expected "\xff", saw "\xff\xfe"'),
    (
        "level: info",
        "level: warn",
        3,
        'logs[0]: expected a line (level warn, "text"), times 1, saw',
    ),
    (
        "equals: text",
        "equals: t",
        3,
        'logs[0]: expected a line (level info, "t"), times 1, saw none',
    ),
    (
        "times: 1",
        "times: 2",
        3,
        'logs[0]: expected a line (level info, "text"), times 2, saw 1 of 1',
    ),
    ("counter: 3", "counter: {delta: {lt: 3}}", 3, "metrics.counter: expected a number < 3, saw 3"),
    (
        "at_least: warn",
        "at_least: info",
        4,
        "no_logs[0]: expected no line (level ≥ info), saw info",
    ),
    ("configured: true", "configured: false", 5, "configured: expected false, saw true"),
    ("configured: false", "configured: true", 6, "configured: expected true, saw false"),
    (
        "never, trap: unreachable",
        "never",
        7,
        "trap: expected none, saw unreachable in proxy_on_requ",
    ),
    (
        "trap: unreachable",
        "trap: out_of_bounds",
        7,
        "trap: expected out_of_bounds, saw unreachable",
    ),
    ("{status: 503}", "{status: 200}", 8, "client.status: expected 200, saw 503"),
    ("name: ada", "name: bob", 9, 'upstream.body.user.name: expected "bob", saw "ada"'),
    ("body: {file: answer.txt}", "body: {file: body.json}", 9, "client.body: expected"),
    ("upstream: {path: /1}", "upstream: {path: /}", 10, 'steps[0].upstream.path: expected "/", s'),
    (
        "contains: text, times: 1",
        "contains: text, times: 2",
        10,
        'steps[1].logs[0]: expected a line (a text with "text"), times 2, saw 1 of 1 lines',
    ),
    (
        "[{path: /1}, {path: /2}]",
        "[{path: /1}]",
        10,
        "steps[2].upstream: expected 1 request, saw 2",
    ),
    (
        "[{path: /1}, {path: /2}]",
        "[{path: /1}, {path: /3}]",
        10,
        'steps[2].upstream[1].path: expected "/3", saw "/2"',
    ),
    (
        "counter: {ge: 9}",
        "counter: {le: 9}",
        10,
        "steps[3].steps[0].metrics.counter (run 2): expected a number ≤ 9, saw 12",
    ),
    ("{method: GET}]", "{method: PUT}]", 10, 'steps[3].upstream[1].method: expected "PUT"'),
    ("counter: 12", "counter: 11", 10, "steps[4].metrics.counter: expected 11, saw 12"),
    (
        "expect: {trap: unreachable, client: {status: 503}}",
        "expect: {trap: unreachable, client: {status: 200}}",
        11,
        "steps[0].client.status: expected 200, saw 503",
    ),
]


def ran(folder: Path, text: str, *, patience: float = 5) -> Report:
    for name, module in PLUGINS.items():
        (folder / name).write_bytes(module.content)
    (folder / "body.json").write_text('{"user": {"name": "ada"}}')
    (folder / "answer.txt").write_text("ababa")
    path = folder / "a.wasmtest.yaml"
    path.write_text(text)
    targets: list[Target] = [HarnessTarget(), EnvoyTarget(patience=patience)]
    return runner.run(suite.open_suites([path], None), targets)


def failures(report: Report) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for result in report.results:
        if result.outcome is not Outcome.PASSED:
            yield result.target, result.name, result.messages


def test_the_scenarios_pass_on_both(tmp_path: Path) -> None:
    report = ran(tmp_path, SCENARIOS)

    assert list(failures(report)) == []
    assert report.passed == 24


@pytest.mark.parametrize(
    ("good", "bad", "index", "message"), BROKEN, ids=[" → ".join(case[:2]) for case in BROKEN]
)
def test_each_expectation_broken_fails_that_test_alone_and_with_the_same_words_on_both(
    tmp_path: Path, good: str, bad: str, index: int, message: str
) -> None:
    assert good in SCENARIOS
    whole = ran(tmp_path, SCENARIOS.replace(good, bad, 1))
    name = whole.results[index].name

    on_harness, on_envoy = failures(whole)

    assert on_harness[:2] == ("harness", name)
    assert on_envoy[:2] == ("envoy", name)
    assert on_harness[2] == on_envoy[2]
    assert len(on_harness[2]) == 1
    assert on_harness[2][0].startswith(message)


def test_a_client_that_is_never_answered_is_seen_on_both(tmp_path: Path) -> None:
    report = ran(tmp_path, NEVER_ANSWERED, patience=0.5)

    missed = ("client: expected a whole message, saw none",)
    assert list(failures(report)) == [
        ("harness", "should go on", missed),
        ("envoy", "should go on", missed),
    ]
