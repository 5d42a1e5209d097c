"""Inputs and steps on the embedded host and on a real Envoy: what passes, and what fails why."""

from pathlib import Path

import pytest

from tests.testing.breaking import assert_fails, opened, ran
from tests.testing.step_plugins import written
from wasmctl.testing.targets.envoy import EnvoyTarget
from wasmctl.testing.targets.harness import HarnessTarget

CALLOUTS = """\
wasmtest: 1
plugin: {wasm: gate.wasm}
upstreams:
  auth:
    rules:
      - when: {path: /v1/check, headers: {x-none: ~}}
        reply: {status: 200, body: {json: {user: ada}}}
tests:
  - name: a rule of the file answers
    request: /cart
    expect:
      callouts: [{to: auth, path: /v1/check, timeout: {le: 250}, state: answered}]
      upstream: {path: /cart}
      client: {status: 200}
  - name: a test has its own upstream
    upstreams: {auth: {reply: 403}}
    request: /cart
    expect:
      upstream: never
      client: {status: 401, by: plugin, details: denied}
      only_callouts: [{to: auth}]
  - name: a callout is not answered
    upstreams: {auth: {fail: timeout}}
    request: /cart
    expect: {upstream: never, client: {status: 503}, callouts: [{state: timed_out}]}
  - name: a callout is reset
    upstreams: {auth: {fail: reset}}
    request: /cart
    expect: {upstream: never, client: {status: 503}, callouts: [{state: failed}]}
  - name: an answer breaks off
    upstreams: {auth: {reply: {status: 200, body: x}, fail: reset}}
    request: /cart
    expect: {upstream: never, client: {status: 401}}
  - name: nobody listens
    upstreams: {auth: {fail: refused}}
    request: /cart
    expect: {upstream: never, client: {status: 503}}
  - name: no host is healthy
    upstreams: {auth: {fail: no_healthy}}
    request: /cart
    expect: {upstream: never, client: never, logs: ["10"]}
  - name: there is no such cluster
    upstreams: {auth: {fail: unknown}}
    request: /cart
    expect: {upstream: never, client: never, logs: ["02"]}
  - name: rules are used up, and there is an otherwise
    upstreams: {auth: {rules: [{reply: 200, delay: 20ms, times: 1}], otherwise: 500}}
    steps:
      - http: {request: /1, expect: {client: {status: 200}}}
      - http: {request: /2, expect: {client: {status: 503}}}
"""

STREAMS = """\
wasmtest: 1
plugin: {wasm: slow-gate.wasm}
tests:
  - name: two streams wait, and are answered out of order
    upstreams: {auth: {hold: true}}
    steps:
      - http: {id: a, until: paused, request: /1, expect: {paused_at: request_headers}}
      - http: {id: b, until: paused, request: /2, expect: {callouts: [{state: pending}]}}
      - advance: 20ms
      - answer: {callout: {to: auth, nth: 2}, reply: 200, expect: {upstream: {path: /2}}}
      - answer: {callout: {to: auth}, reply: 403, expect: {no_callouts: true}}
      - http: {id: a, expect: {client: {status: 401}, callouts: [{}, {}]}}
      - http: {id: b, expect: {client: {status: 200}, upstream: {path: /2}}}
  - name: a client gives up
    upstreams: {auth: {hold: true}}
    steps:
      - http: {id: a, until: paused, request: /1}
      - cancel: {stream: a, expect: {upstream: never}}
      - answer: {callout: {to: auth}, reply: 200, expect: {upstream: never}}
  - name: a held callout fails
    upstreams: {auth: {hold: true}}
    steps:
      - http: {id: a, until: paused, request: /1}
      - answer: {callout: {to: auth}, fail: reset}
      - http: {id: a, expect: {client: {status: 503}}}
  - name: the upstream itself fails
    plugin: {wasm: first.wasm}
    steps:
      - http: {request: /, reply: {fail: reset}, expect: {client: {status: 503}}}
      - http: {request: /, reply: {fail: refused}, expect: {client: {status: 503}}}
      - http: {request: /, reply: {fail: no_healthy}, expect: {client: {status: 503}}}
      - http: {request: /, reply: {status: 200, body: x, fail: reset}, expect: {client: unfinished}}
      - http: {request: /, timeout: 300ms, reply: {fail: timeout}, expect: {client: never}}
      - http: {request: /, reply: {delay: 20ms}, expect: {client: {status: 200}}}
  - name: the upstream is told later
    plugin: {wasm: first.wasm}
    steps:
      - http: {id: a, until: request_sent, request: /a, reply: {hold: true}}
      - http: {id: b, request: /b, reply: 202, expect: {client: {status: 202}}}
      - answer: {stream: a, reply: 201}
      - http: {id: a, expect: {client: {status: 201}, upstream: [{path: /a}, {path: /b}]}}
  - name: a response is stopped behind its start
    plugin: {wasm: pauses-response.wasm}
    steps:
      - http: {id: a, until: paused, request: /, expect: {paused_at: response_headers}}
      - cancel: a
  - name: what was captured is sent and expected
    plugin: {wasm: first.wasm}
    steps:
      - http: {request: /, reply: {headers: {set-cookie: "id=abc; path=/"}}}
      - capture: {id: {from: client.headers.set-cookie, search: "id=([a-z]+)"}}
      - http:
          request: {path: "/${id}", headers: {cookie: "id=${id}"}}
          expect: {upstream: {path: /abc, headers: {cookie: "id=${id}"}}}
  - name: an answer has begun
    plugin: {wasm: first.wasm}
    steps:
      - http:
          id: a
          until: response_started
          request: /
          reply: {body: {chunks: [a, b], gap: 100ms}}
      - http: {id: a, expect: {client: {status: 200, body: ab}}}
"""

PLUGINS_AND_HOST = """\
wasmtest: 1
plugin: {wasm: first.wasm}
tests:
  - name: requests meet plugins in order
    plugins: [{wasm: first.wasm}, {name: other, wasm: second.wasm}]
    request: /
    expect: {upstream: {headers: {x-order: [first, second]}}}
  - name: two plugins in one machine
    plugins:
      - {name: a, wasm: configured.wasm, vm_id: v, config: from a}
      - {name: b, wasm: configured.wasm, vm_id: v, config: from b}
    request: /
    expect: {logs: [{equals: from a}, {equals: from b}, {equals: request, times: 2}]}
  - name: the configuration of a machine
    plugin: {wasm: vm-configured.wasm, vm_config: {a: 1}}
    expect: {logs: ['{"a":1}']}
  - name: a plugin is configured anew
    plugin: {wasm: configured.wasm, config: first}
    steps:
      - http: {request: /, expect: {logs: [request]}}
      - reconfigure: {config: second, expect: {logs: [second]}}
      - http: {request: /, expect: {logs: [request], client: {status: 200}}}
  - name: a configuration is refused later, and the old one stays
    plugin: {wasm: configured.wasm, config: first}
    steps:
      - reconfigure: {config: bad, expect: {configured: false, logs: [bad]}}
      - http: {request: /, expect: {logs: [request], client: {status: 200}}}
  - name: plugins begin anew
    plugin: {wasm: starts.wasm}
    steps:
      - http: {request: /}
      - restart_vm: {expect: {logs: [start]}}
      - http: {request: /, expect: {logs: [request], client: {status: 200}}}
  - name: a failed plugin answers 503
    plugin: {wasm: crashes.wasm, fail_policy: closed}
    steps:
      - http: {request: /b, expect: {trap: unreachable, client: {status: 503}}}
      - http: {request: /, expect: {client: {status: 503}}}
  - name: a failed plugin is passed
    plugin: {wasm: crashes.wasm, fail_policy: open}
    steps:
      - http: {request: /b, expect: {trap: unreachable, client: {status: 503}}}
      - http: {request: /, expect: {client: {status: 200}}}
  - name: a failed plugin is passed by the request on which it failed
    plugin: {wasm: crashes.wasm, fail_open: true}
    steps:
      - http: {request: /b, expect: {trap: unreachable, client: {status: 200}}}
      - http: {request: /, expect: {client: {status: 200}}}
  - name: a failed plugin is replaced
    host: {fail_policy: reload, reload_backoff: 300ms}
    plugin: {wasm: crashes.wasm}
    steps:
      - http: {request: /b, expect: {trap: unreachable, client: {status: 503}}}
      - advance: 500ms
      - http: {request: /, expect: {client: {status: 200}}}
  - name: a plugin may not call all
    plugin: {wasm: restricted.wasm, capabilities: {deny: [proxy_set_tick_period_milliseconds]}}
    request: /
    expect: {logs: [{contains: "10"}]}
  - name: messages below a level
    host: {log_level: warn}
    plugin: {wasm: starts.wasm}
    request: /
    expect: {no_logs: true}
  - name: time passes
    plugin: {wasm: ticks.wasm}
    steps:
      - advance: {by: 350ms, expect: {logs: [{equals: tick, times: {ge: 1}}]}}
      - expect: {tick_period: 100}
  - name: a timer's callouts are those of one machine
    plugin: {wasm: reports.wasm}
    upstreams: {reports: {reply: 200}}
    steps:
      - advance: {by: 400ms, expect: {only_callouts: [{to: reports}], logs: [tick, heard]}}
  - name: a callout behind the end of a stream
    plugin: {wasm: reports.wasm}
    upstreams: {reports: {reply: 200}}
    request: /
    expect: {callouts: [{to: reports, path: /r}], client: {status: 200}}
  - name: what is shared is there before
    plugin: {wasm: shares.wasm}
    shared_data: {k: seeded}
    steps:
      - http: {request: /, expect: {logs: [seeded]}}
      - set: {shared_data: {k: changed}}
      - http: {request: /, expect: {logs: [changed]}}
  - name: something arrives in a queue
    plugin: {wasm: queue.wasm}
    steps:
      - enqueue: {queue: jobs, data: one, expect: {logs: [one]}}
  - name: clients have addresses
    plugin: {wasm: source.wasm}
    request: {path: /, source: 127.0.0.2}
    expect: {logs: [{starts_with: "127.0.0.2:"}]}
  - name: a body of HTTP/1.1 ends with a frame of its own
    plugin: {wasm: frames.wasm}
    request: {method: POST, version: 1.1, body: abc}
    reply: {version: 1.1, body: xy}
    expect:
      upstream: {body: abc}
      client: {body: xy}
      logs: [{equals: frame, times: 4}, {equals: "03", times: 1}, {equals: "02", times: 1}]
  - name: a body of HTTP/2 ends with its last frame
    plugin: {wasm: frames.wasm}
    request: {method: POST, body: {chunks: [sec, ret], gap: 10ms}, trailers: {x-sum: abc}}
    expect: {upstream: {body: secret, trailers: {x-sum: abc}}, logs: [{equals: frame, times: 2}]}
  - name: a body that a plugin keeps has a limit
    plugin: {wasm: buffers.wasm}
    host: {buffer_limit: 1000}
    request: {method: POST, body: {fill: x, size: 300000}}
    expect: {upstream: unfinished, client: {status: 413}}
  - name: pausing in headers lets the body come
    plugin: {wasm: stops.wasm, allow_on_headers_stop_iteration: true}
    request: {method: POST, body: abc}
    expect: {upstream: {body: abc}, logs: [headers, body]}
"""
PROPERTIES = """\
wasmtest: 1
plugin: {wasm: properties.wasm}
properties:
  - {path: [metadata, filter_metadata, my.ns, user], value: ada}
  - {path: [metadata, filter_metadata, my.ns, level], value: 3}
tests:
  - name: metadata of the request
    request: /
    expect: {logs: [ada, {base64: AAAAAAAACEA=}]}
  - name: a state of the request
    properties: [{path: [filter_state, my.state], value: 50% on}]
    request: /
    expect: {logs: [50% on]}
  - name: metadata of the route and of the cluster
    properties:
      - {path: [xds, route_metadata, filter_metadata, r], value: {a: {b: deep}}}
      - {path: [xds, cluster_metadata, filter_metadata, c, k], value: true}
    request: /
    expect: {logs: [deep, {base64: AQ==}]}
  - name: what only TLS has
    properties: [{path: [connection, tls_version], value: TLSv1.3}]
    request: /
    expect: {logs: [TLSv1.3]}
"""
FILES = {
    "callouts": CALLOUTS,
    "streams": STREAMS,
    "plugins": PLUGINS_AND_HOST,
    "properties": PROPERTIES,
}


# The file, what stands in it, what is written in its place, and how both targets tell of it.
BROKEN = [
    ("callouts", "by: plugin", "by: proxy", "client.by: expected proxy, saw plugin"),
    ("callouts", "details: denied", "details: d", 'client.details: expected "d", saw "denied"'),
    ("streams", '"id=([a-z]+)"', '"id=([0-9]+)"', "steps[1].capture.id: expected something in cl"),
    ("streams", "path: /abc,", "path: /b,", 'steps[2].upstream.path: expected "/b", saw "/abc"'),
    (
        "properties",
        "user], value: ada",
        "user], value: bob",
        'logs[0]: expected a line ("ada"), saw',
    ),
    ("properties", "value: 3}", "value: 4}", "logs[1]: expected a line"),
    ("properties", "value: 50% on", "value: 51% on", 'logs[0]: expected a line ("50% on"), saw'),
    ("properties", "b: deep", "b: flat", 'logs[0]: expected a line ("deep"), saw none'),
    ("properties", "value: true", "value: false", "logs[1]: expected a line"),
    (
        "callouts",
        "- when: {path: /v1/check,",
        "- when: {path: /v2,",
        "callouts: expected a rule for",
    ),
    ("callouts", "timeout: {le: 250}", "timeout: {lt: 250}", "callouts[0].timeout: expected a"),
    (
        "callouts",
        "auth: {reply: 403}",
        "auth: {reply: 500}",
        "client.status: expected 401, saw 503",
    ),
    ("callouts", "state: timed_out", "state: answered", "callouts[0].state: expected answered"),
    (
        "callouts",
        "state: failed",
        "state: pending",
        "callouts[0].state: expected pending, saw fail",
    ),
    ("callouts", "fail: refused", "reply: 200", "upstream: expected never, saw GET /cart"),
    ("callouts", "fail: no_healthy", "reply: 200", "upstream: expected never, saw GET /cart"),
    ("callouts", "fail: unknown", "reply: 200", "upstream: expected never, saw GET /cart"),
    ("callouts", "times: 1}]", "times: 2}]", "steps[1].client.status: expected 503, saw 200"),
    ("callouts", "otherwise: 500", "otherwise: 400", "steps[1].client.status: expected 503, saw 4"),
    (
        "callouts",
        "rules: [{reply: 200,",
        "rules: [{when: {path: /}}, {reply: 200,",
        "upstreams.auth.rules[0]: expected a callout that meets this rule, saw none",
    ),
    ("streams", "at: request_headers", "at: request_body", "steps[0].paused_at: expected request"),
    ("streams", "state: pending", "state: answered", "steps[1].callouts[0].state: expected answer"),
    (
        "streams",
        "nth: 2",
        "nth: 3",
        "steps[3].answer: expected a callout to auth that is held, saw",
    ),
    ("streams", "nth: 2", "nth: 1", 'steps[3].upstream.path: expected "/2", saw "/1"'),
    (
        "streams",
        "reply: 403, expect: {no",
        "reply: 200, expect: {no",
        "steps[5].client.status: exp",
    ),
    (
        "streams",
        "- cancel: {stream: a, expect: {upstream: never}}",
        "- advance: 1ms",
        "steps[2].upstream: expected never, saw GET /1",
    ),
    (
        "streams",
        "{callout: {to: auth}, fail: reset}",
        "{callout: {to: auth}, reply: 200}",
        "steps[2]",
    ),
    (
        "streams",
        "reply: {fail: refused}",
        "reply: {}",
        "steps[1].client.status: expected 503, saw 2",
    ),
    (
        "streams",
        "body: x, fail: reset}",
        "body: x}",
        "steps[3].client: expected unfinished, saw 200",
    ),
    (
        "streams",
        "reply: {hold: true}",
        "reply: 200",
        "steps[2].answer: expected a request of stream",
    ),
    ("streams", "at: response_headers", "at: request_headers", "steps[0].paused_at: expected requ"),
    (
        "streams",
        "pauses-response.wasm",
        "first.wasm",
        "steps[0].until: expected paused, saw the end of the answer",
    ),
    ("plugins", "[first, second]", "[second, first]", "upstream.headers.x-order: expected the val"),
    ("plugins", "{equals: from b}", "{equals: from c}", 'logs[1]: expected a line ("from c"), saw'),
    ("plugins", "vm_config: {a: 1}", "vm_config: {a: 2}", "logs[0]: expected a line"),
    (
        "plugins",
        "{config: second,",
        "{config: third,",
        'steps[1].logs[0]: expected a line ("second',
    ),
    (
        "plugins",
        "config: bad, expect",
        "config: good, expect",
        "steps[0].configured: expected false",
    ),
    (
        "plugins",
        "restart_vm: {",
        "advance: {by: 1ms, ",
        'steps[1].logs[0]: expected a line ("start"',
    ),
    ("plugins", "fail_policy: closed", "fail_policy: open", "steps[1].client.status: expected 503"),
    (
        "plugins",
        "fail_open: true",
        "fail_open: false",
        "steps[0].client.status: expected 200, saw 5",
    ),
    (
        "plugins",
        "reload_backoff: 300ms",
        "reload_backoff: 9s",
        "steps[2].client.status: expected 20",
    ),
    ("plugins", "log_level: warn", "log_level: info", "no_logs"),
    ("plugins", "period: 100", "period: 200", "steps[1].tick_period: expected 200, saw 100"),
    ("plugins", "source: 127.0.0.2", "source: 127.0.0.3", "logs[0]: expected a line"),
    (
        "plugins",
        "{equals: frame, times: 4}",
        "{equals: frame, times: 2}",
        "logs[0]: expected a line",
    ),
    ("plugins", "buffer_limit: 1000", "buffer_limit: 900000", "client: expected a whole message"),
    (
        "plugins",
        "stops.wasm, allow_on_headers_stop_iteration: true",
        "stops.wasm",
        "upstream: expec",
    ),
]


@pytest.mark.parametrize("name", FILES)
def test_inputs_and_steps_mean_the_same_on_both(tmp_path: Path, name: str) -> None:
    tested = opened(written(tmp_path), FILES[name])

    results = [*ran(tested, HarnessTarget()), *ran(tested, EnvoyTarget())]

    assert [(one.target, one.name, one.mismatches) for one in results if one.mismatches] == []


@pytest.mark.parametrize(
    ("name", "good", "bad", "told"), BROKEN, ids=[" → ".join(case[1:3]) for case in BROKEN]
)
def test_each_input_and_step_changed_fails_its_test_for_that_reason(
    tmp_path: Path, name: str, good: str, bad: str, told: str
) -> None:
    assert_fails(written(tmp_path), FILES[name], good, bad, told)
