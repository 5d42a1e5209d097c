"""Connections of the client on the embedded host and on a real Envoy: they are the same ones."""

from pathlib import Path

import pytest

from tests.testing.breaking import assert_fails, opened, ran
from tests.testing.step_plugins import written
from wasmctl.testing.targets.envoy import EnvoyTarget
from wasmctl.testing.targets.harness import HarnessTarget

CONNECTIONS = """\
wasmtest: 1
# It logs 01 where the connection has the id of the request's before, else 00; of the port 11 or 10.
plugin: {wasm: connections.wasm}
tests:
  - name: requests share a connection by its name
    steps:
      - http: {request: {connection: a}, expect: {logs: ["00", "10"]}}
      - http: {request: {connection: a}, expect: {logs: ["01", "11"]}}
      - http: {request: {connection: b}, expect: {logs: ["00", "10"]}}
      - http: {request: {connection: b}, expect: {logs: ["01", "11"]}}
  - name: without a name they share one
    steps:
      - http: {request: /}
      - repeat: {times: 2, steps: [{http: {request: /, expect: {logs: ["01", "11"]}}}]}
  - name: addresses and versions have connections of their own
    steps:
      - http: {request: {source: 127.0.0.2}}
      - http: {request: {version: 1.1, source: 127.0.0.2}, expect: {logs: ["00", "10"]}}
      - http: {request: {version: 1.1}, expect: {logs: ["00", "10"]}}
  - name: a new connection is shared by nobody
    steps:
      - http: {request: {connection: new}}
      - repeat:
          times: 3
          steps: [{http: {request: {connection: new}, expect: {logs: ["00", "10"]}}}]
  - name: HTTP/1.1 keeps a connection, too
    steps:
      - http: {request: {version: 1.1, connection: kept}}
      - http: {request: {version: 1.1, connection: kept}, expect: {logs: ["01", "11"]}}
      - http: {request: {version: 1.1, connection: new}, expect: {logs: ["00", "10"]}}
  - name: HTTP/1.1 has no room for a second request while the first waits
    steps:
      - http: {id: a, until: request_sent, request: {path: /a, version: 1.1}, reply: {hold: true}}
      - http: {request: {version: 1.1}, expect: {logs: ["00", "10"]}}
      - answer: {stream: a, reply: 200}
      - http: {id: a}
  - name: HTTP/1.1 ends a connection with an exchange that breaks off
    steps:
      - http:
          request: {version: 1.1}
          reply: {status: 200, body: x, fail: reset}
          expect: {client: unfinished}
      - http: {request: {version: 1.1}, expect: {logs: ["00", "10"]}}
  - name: HTTP/1.1 ends a connection with a request that is answered before its end
    plugins: [{wasm: connections.wasm}, {wasm: refuses.wasm}]
    steps:
      - http: {request: {version: 1.1, connection: a}, expect: {client: {status: 403}}}
      - http: {request: {version: 1.1, connection: a, body: x}, expect: {logs: ["01", "11"]}}
      - http: {request: {version: 1.1, connection: a}, expect: {logs: ["00", "10"]}}
  - name: requests at once come on one connection
    steps:
      - http: {request: /}
      - http:
          times: 5
          request: /
          expect: {client: {status: 200}, logs: [{equals: "01", times: 5}], no_logs: ["10"]}
  - name: requests at once come on new connections
    steps:
      - http:
          times: 5
          request: {connection: new}
          reply: {delay: 20ms, body: x}
          expect: {client: {body: x}, logs: [{equals: "00", times: 5}, {equals: "10", times: 5}]}
      - http: {times: 3, request: {version: 1.1}, expect: {client: [{}, {}, {}], no_logs: ["01"]}}
"""

# What stands in the file, what is written in its place, and how both targets tell of it.
BROKEN = [
    ('a}, expect: {logs: ["01"', 'new}, expect: {logs: ["01"', "steps[1].logs[0]: expected a line"),
    ('b}, expect: {logs: ["00"', 'a}, expect: {logs: ["00"', "steps[2].logs[0]: expected a line"),
    (
        "[{http: {request: {connection: new}",
        "[{http: {request: {connection: x}",
        'steps[1].steps[0].logs[0] (run 2): expected a line ("00")',
    ),
    ("times: 5\n          request: /", "times: 4\n          request: /", "steps[1].logs[0]"),
    (
        "delay: 20ms, body: x}",
        "delay: 20ms, body: y}",
        'steps[0].client.body (request 1): expected "x", saw "y"',
    ),
    ("[{}, {}, {}]", "[{}, {}]", "steps[1].client: expected 2 responses, saw 3"),
]


def test_connections_are_the_same_on_both(tmp_path: Path) -> None:
    tested = opened(written(tmp_path), CONNECTIONS)

    results = [*ran(tested, HarnessTarget()), *ran(tested, EnvoyTarget())]

    assert [(one.target, one.name, one.mismatches) for one in results if one.mismatches] == []
    assert {one.target for one in results} == {"harness", "envoy"}


@pytest.mark.parametrize(("good", "bad", "told"), BROKEN, ids=[" → ".join(c[:2]) for c in BROKEN])
def test_a_connection_changed_fails_its_test_for_that_reason(
    tmp_path: Path, good: str, bad: str, told: str
) -> None:
    assert_fails(written(tmp_path), CONNECTIONS, good, bad, told)
