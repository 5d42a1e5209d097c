"""Each row of the grammar of expectations, on both targets: what holds, and what does not.

A row holds as it is written; each of its other forms differs from it in one thing, and its test
fails with the one message that says so, the same on every target that can see it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.testing.expectation_plugins import PLUGINS
from wasmctl.testing import parity, runner, snapshots, suite
from wasmctl.testing.play import Manner
from wasmctl.testing.report import Outcome, Result
from wasmctl.testing.targets import TARGETS

EVERYWHERE = ("harness", "envoy")
HOST = ("harness",)


@dataclass(frozen=True, kw_only=True)
class Row:
    """An expectation of a plugin.

    Attributes:
        test: the rest of the test, as YAML.
        broken: what is expected in its place, and what is told then.
        on: the targets that can see it; on others the test is skipped.

    """

    plugin: str
    holds: str
    broken: dict[str, str]
    test: str = "request: /cart"
    on: tuple[str, ...] = EVERYWHERE


ASKS = "request: /cart, upstreams: {auth: {reply: 200}}"
GRANTED = "GET /v1/check"
ROWS = {
    "configured": Row(
        plugin="refuses",
        test="config: x",
        holds="configured: false",
        broken={"configured: true": "configured: expected true, saw false"},
    ),
    "a start": Row(
        plugin="headers",
        test="config: x",
        holds="configured: true",
        broken={"configured: false": "configured: expected false, saw true"},
    ),
    "load_error": Row(
        plugin="refuses",
        test="config: x",
        holds="load_error: refused",
        broken={
            "load_error: trap": "load_error: expected trap, saw refused",
            "load_error: {contains: nonsense}": 'load_error: expected a text with "nonsense", saw',
        },
    ),
    "a trap at the start": Row(
        plugin="traps-early",
        test="config: x",
        holds="load_error: trap",
        broken={"load_error: refused": "load_error: expected refused, saw trap"},
    ),
    "a missing import": Row(
        plugin="magic",
        test="config: x",
        holds="load_error: {kind: missing_import, contains: env.proxy_magic}",
        broken={
            "load_error: wrong_signature": "load_error: expected wrong_signature, saw missing_imp"
        },
    ),
    "an import with another signature": Row(
        plugin="odd-import",
        test="config: x",
        holds="load_error: {kind: wrong_signature, contains: env.proxy_log}",
        broken={"load_error: refused": "load_error: expected refused, saw wrong_signature"},
    ),
    "a callback with another signature": Row(
        plugin="odd-export",
        test="config: x",
        holds="load_error: {kind: wrong_signature, contains: proxy_on_tick}",
        broken={"load_error: trap": "load_error: expected trap, saw wrong_signature"},
    ),
    "no allocator": Row(
        plugin="no-malloc",
        test="config: x",
        holds="load_error: no_allocator",
        broken={"load_error: unknown_abi": "load_error: expected unknown_abi, saw no_allocator"},
    ),
    "no ABI": Row(
        plugin="no-abi",
        test="config: x",
        holds="load_error: unknown_abi",
        broken={"load_error: corrupted": "load_error: expected corrupted, saw unknown_abi"},
    ),
    "no module": Row(
        plugin="corrupted",
        test="config: x",
        holds="load_error: corrupted",
        broken={"load_error: no_allocator": "load_error: expected no_allocator, saw corrupted"},
    ),
    "upstream": Row(
        plugin="headers",
        holds="upstream: {path: /cart, method: GET, headers: {x-a: 1, x-no: ~}, body: ''}",
        broken={
            "upstream: {path: /}": 'upstream.path: expected "/", saw "/cart"',
            "upstream: {method: PUT}": 'upstream.method: expected "PUT", saw "GET"',
            "upstream: {scheme: https}": 'upstream.scheme: expected "https", saw "http"',
            "upstream: {authority: a}": 'upstream.authority: expected "a", saw "example.test"',
            "upstream: {headers: {x-a: 2}}": 'upstream.headers.x-a: expected "2", saw "1"',
            "upstream: {body: a}": 'upstream.body: expected "a", saw ""',
            "upstream: {trailers: {a: b}}": 'upstream.trailers.a: expected "b", saw nothing',
            "upstream: never": "upstream: expected never, saw GET /cart",
            "upstream: unfinished": "upstream: expected unfinished, saw GET /cart",
            "upstream: []": "upstream: expected 0 requests, saw 1",
        },
    ),
    "same_as": Row(
        plugin="passes",
        test="request: {method: POST, path: /up, headers: {x-a: [1, 2]}, body: abc,"
        " trailers: {x-t: 1}}, reply: {status: 404, headers: {x-r: 3}, body: gone}",
        holds="upstream: {same_as: request}, client: {same_as: reply}",
        broken={
            "upstream: {same_as: reply}": 'upstream.headers.:status: expected "404", saw nothing',
            "client: {same_as: request}": 'client.headers.:method: expected "POST", saw nothing',
        },
    ),
    "not same_as": Row(
        plugin="headers",
        holds="upstream: {path: /cart}",
        broken={
            "upstream: {same_as: request}": 'upstream.headers.x-a: expected nothing, saw "1"',
            "client: {same_as: reply}": 'client.headers.x-c: expected nothing, saw "3"',
            "upstream: [{same_as: request}]": 'upstream[0].headers.x-a: expected nothing, saw "1"',
            "client: [{same_as: reply}]": 'client[0].headers.x-c: expected nothing, saw "3"',
        },
    ),
    "only_headers": Row(
        plugin="headers",
        holds="upstream: {only_headers: {x-a: 1, x-b: 2}}",
        broken={
            "upstream: {only_headers: {x-a: 1}}": "upstream.only_headers.x-b: expected nothing,"
        },
    ),
    "header_order": Row(
        plugin="headers",
        holds="upstream: {header_order: [x-a, x-b]}",
        broken={
            "upstream: {header_order: [x-b, x-a]}": "upstream.header_order: expected x-b, x-a, saw "
        },
    ),
    "client": Row(
        plugin="headers",
        holds="client: {status: 200, headers: {x-c: 3}, by: upstream, details: via_upstream}",
        broken={
            "client: {status: 404}": "client.status: expected 404, saw 200",
            "client: never": "client: expected never, saw 200",
            "client: {by: plugin}": "client.by: expected plugin, saw upstream",
            "client: {details: a}": 'client.details: expected "a", saw "via_upstream"',
            "client: [{status: 200}, never]": "client: expected 2 responses, saw 1",
            "client: [never]": "client[0]: expected never, saw 200",
        },
    ),
    "local_response": Row(
        plugin="denies",
        holds="local_response: {status: 403, body: no, details: denied_by_rule}",
        broken={
            "local_response: none": "local_response: expected none, saw 403",
            "local_response: {status: 401}": "local_response.status: expected 401, saw 403",
            "local_response: {details: a}": 'local_response.details: expected "a", saw "denied_by_',
            "client: {by: proxy}": "client.by: expected proxy, saw plugin",
        },
    ),
    "no local_response": Row(
        plugin="headers",
        holds="local_response: none",
        broken={
            "local_response: {status: 200}": "local_response: expected one by the plugin, saw 200 "
        },
    ),
    "callouts": Row(
        plugin="asks",
        test=ASKS,
        holds="callouts: [{to: auth, path: /v1/check, method: GET, timeout: 250, times: 1}]",
        broken={
            "callouts: [{path: /}]": 'callouts[0].path: expected "/", saw "/v1/check"',
            "callouts: [{to: other}]": 'callouts[0].to: expected "other", saw "auth"',
            "callouts: [{to: auth, times: 2}]": f"callouts[0]: expected such callouts, times 2, saw"
            f" 1 among auth {GRANTED}",
            "only_callouts: []": f"only_callouts: expected 0 callouts, saw auth {GRANTED}",
            "only_callouts: [{method: PUT}]": 'only_callouts[0].method: expected "PUT", saw "GET"',
            "no_callouts: true": f"no_callouts: expected none, saw auth {GRANTED}",
        },
    ),
    "no callouts": Row(
        plugin="headers",
        holds="no_callouts: true",
        broken={"callouts: [{to: auth}]": "callouts[0]: expected a callout, saw none"},
    ),
    "logs": Row(
        plugin="headers",
        holds="logs: [{level: info, equals: one, times: 1}, {at_least: warn}]",
        broken={
            "logs: [three]": 'logs[0]: expected a line ("three"), saw none of 2 lines',
            "logs: [{times: 1}]": "logs[0]: expected a line (any), times 1, saw 2 of 2 lines",
            "no_logs: [two]": 'no_logs[0]: expected no line ("two"), saw warn "two"',
            "no_logs: true": 'no_logs[0]: expected no line (any), saw info "one"',
        },
    ),
    "logs_in_order": Row(
        plugin="headers",
        holds="logs_in_order: [one, two]",
        broken={
            "logs_in_order: [two, one]": 'logs_in_order[1]: expected a line ("one") below the last'
        },
    ),
    "metrics": Row(
        plugin="headers",
        holds="metrics: {seen: 3}",
        broken={"metrics: {seen: {lt: 3}}": "metrics.seen: expected a number < 3, saw 3"},
    ),
    "trap": Row(
        plugin="traps",
        holds="trap: {kind: unreachable, callback: request_headers}",
        broken={
            "client: {status: 503}": "trap: expected none, saw unreachable in proxy_on_request_he",
            "trap: out_of_bounds": "trap: expected out_of_bounds, saw unreachable in proxy_on_requ",
            "trap: {callback: log}": "trap: expected a trap in proxy_on_log, saw unreachable in ",
        },
    ),
    "no trap": Row(
        plugin="headers",
        holds="trap: false",
        broken={"trap: true": "trap: expected a trap, saw none"},
    ),
    "paused_at": Row(
        plugin="pauses",
        holds="{paused_at: response_headers, client: never}",
        broken={
            "{paused_at: request, client: never}": "paused_at: expected request, saw response_head",
            "{paused_at: never, client: never}": "paused_at: expected never, saw response_headers",
            "paused_at: response": "client: expected a whole message, saw none",
        },
    ),
    "tick_period": Row(
        plugin="ticks",
        test="config: x",
        holds="tick_period: 100",
        broken={"tick_period: 0": "tick_period: expected 0, saw 100"},
    ),
    "hostcalls": Row(
        plugin="headers",
        holds="hostcalls: {proxy_log: 2, proxy_http_call: 0}",
        broken={"hostcalls: {proxy_log: {gt: 2}}": "hostcalls.proxy_log: expected a number > 2, s"},
    ),
    "size": Row(
        plugin="headers",
        holds=f"size: {len(PLUGINS['headers.wasm'])}",
        broken={"size: {lt: 10}": "size: expected a number < 10, saw"},
    ),
    "time": Row(
        plugin="headers",
        holds="time: {elapsed: {lt: 60000}}",
        broken={"time: {elapsed: {lt: 0}}": "time.elapsed: expected a number < 0, saw"},
        on=HOST,
    ),
    "shared_data": Row(
        plugin="shares",
        holds="shared_data: {hits: 2, other: ~}",
        broken={"shared_data: {hits: 3}": 'shared_data.hits: expected "3", saw "2"'},
        on=HOST,
    ),
    "queues": Row(
        plugin="shares",
        holds="queues: {jobs: 1}",
        broken={
            "queues: {jobs: []}": "queues.jobs: expected the values [], saw",
            "queues: {jobs: ~}": "queues.jobs: expected no such queue, saw 1 waiting",
        },
        on=HOST,
    ),
    "hazards": Row(
        plugin="twice",
        holds="hazards: [sent_twice]",
        broken={
            "hazards: [no_response_yet]": "hazards: expected no_response_yet, saw sent_twice: prox"
        },
        on=HOST,
    ),
    "fuel": Row(
        plugin="headers",
        holds="fuel: {gt: 0}",
        broken={"fuel: 0": "fuel: expected 0, saw"},
        on=HOST,
    ),
    "memory": Row(
        plugin="grows",
        holds="memory: {pages: {ge: 10}, growth: 2}",
        broken={"memory: {growth: 0}": "memory.growth: expected 0, saw 2"},
        on=HOST,
    ),
}


def _tests() -> Iterator[tuple[str, Row, str]]:
    for name, row in ROWS.items():
        yield name, row, row.holds
        for broken in row.broken:
            yield f"{name}, {broken}", row, broken


def _written() -> str:
    lines = [
        f"  - {{name: {json.dumps(name)}, plugin: {{wasm: {row.plugin}.wasm}}, {row.test},"
        f" expect: {expect if expect.startswith('{') else '{' + expect + '}'}}}"
        for name, row, expect in _tests()
    ]
    return "\n".join(["wasmtest: 1", "tests:", *lines, ""])


Results = dict[tuple[str, str], Result]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("expectations")
    for name, content in PLUGINS.items():
        (folder / name).write_bytes(content)
    path = folder / "a.wasmtest.yaml"
    path.write_text(_written())
    suites = suite.open_suites([path], None)
    targets = [TARGETS[name]() for name in EVERYWHERE]
    report = runner.run(suites, targets, manner=Manner(compare=True))
    return {(result.target, result.name): result for result in report.results}


SEEN = [(target, name) for target in EVERYWHERE for name, row in ROWS.items() if target in row.on]
UNSEEN = [(target, n) for target in EVERYWHERE for n, row in ROWS.items() if target not in row.on]
BROKEN = [(target, name, form) for target, name in SEEN for form in ROWS[name].broken]


@pytest.mark.parametrize(("target", "name"), SEEN)
def test_an_expectation_holds(results: Results, target: str, name: str) -> None:
    result = results[target, name]

    assert (result.outcome, result.messages) == (Outcome.PASSED, ())


@pytest.mark.parametrize(("target", "name", "form"), BROKEN)
def test_an_expectation_that_is_broken_fails_for_its_reason(
    results: Results, target: str, name: str, form: str
) -> None:
    result = results[target, f"{name}, {form}"]

    told = result.messages[0] if result.messages else ""
    assert (result.outcome, told[: len(ROWS[name].broken[form])]) == (
        Outcome.FAILED,
        ROWS[name].broken[form],
    )


@pytest.mark.parametrize(("target", "name"), UNSEEN)
def test_an_expectation_that_a_target_cannot_see_is_skipped(
    results: Results, target: str, name: str
) -> None:
    result = results[target, name]

    assert result.outcome is Outcome.SKIPPED
    assert "not seen here" in result.messages[0]


@pytest.mark.parametrize(
    ("name", "form"), [(name, form) for target, name, form in BROKEN if target == "envoy"]
)
def test_both_targets_tell_the_same(results: Results, name: str, form: str) -> None:
    ours, theirs = (results[target, f"{name}, {form}"].mismatches for target in EVERYWHERE)

    assert [one.path for one in ours] == [one.path for one in theirs]
    assert [one.expected for one in ours] == [one.expected for one in theirs]
    if name != "a trap at the start":  # the engine's own words stand behind the kind
        assert ours == theirs


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.on == EVERYWHERE])
def test_one_snapshot_is_good_for_both_targets(results: Results, name: str) -> None:
    seen = [results[target, name].observation for target in EVERYWHERE]

    held = [snapshots.snapshot("one", each).snapshot for each in seen if each]

    assert len(held) == 2
    assert held[0] == held[1]


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.on == EVERYWHERE])
def test_both_targets_see_the_same(results: Results, name: str) -> None:
    found = parity.of([results[target, name] for target in EVERYWHERE])

    assert (found.compared, found.differences) == (1, ())
