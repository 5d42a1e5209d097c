"""Inputs and steps on the embedded host and on a real Envoy: what passes, and what fails why."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testing.step_plugins import PLUGINS
from wasmctl.testing import runner, suite
from wasmctl.testing.report import Outcome, Report
from wasmctl.testing.targets.base import Target
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
    expect: {upstream: never, client: {status: 401}, only_callouts: [{to: auth}]}
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
      - reconfigure: {config: bad, expect: {configured: false}}
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
      - advance: {by: 350ms, expect: {logs: [{equals: tick, times: {ge: 2, le: 4}}]}}
      - expect: {tick_period: 100}
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
FILES = {"callouts": CALLOUTS, "streams": STREAMS, "plugins": PLUGINS_AND_HOST}


def ran(folder: Path, text: str, *targets: Target) -> Report:
    for name, module in PLUGINS.items():
        (folder / name).write_bytes(module)
    path = folder / "a.wasmtest.yaml"
    path.write_text(text)
    return runner.run(suite.open_suites([path], None), targets)


def failures(report: Report) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for result in report.results:
        if result.outcome is Outcome.FAILED:
            yield result.target, result.name, result.messages


@pytest.mark.parametrize("name", FILES)
def test_inputs_and_steps_mean_the_same_on_both(tmp_path: Path, name: str) -> None:
    report = ran(tmp_path, FILES[name], HarnessTarget(), EnvoyTarget(patience=1.5))

    assert list(failures(report)) == []
