"""Two plugins in a chain: each log line has its author, on both targets."""

from pathlib import Path

import pytest

from tests.host.plugins import plugin
from wasmctl.testing import runner, suite
from wasmctl.testing.report import Outcome
from wasmctl.testing.targets import TARGETS

SCENARIOS = """\
wasmtest: 1
plugins: [{name: first, wasm: one.wasm, root_id: a}, {name: second, wasm: two.wasm, root_id: b}]
tests:
  - name: by their authors
    request: /
    expect:
      logs:
        - {plugin: first, equals: from a stream, times: 1}
        - {plugin: second, equals: from another, times: 1}
        - {plugin: second, equals: configured}
      no_logs: [{plugin: first, equals: configured}, {plugin: third}]
  - name: by another
    request: /
    expect: {logs: [{plugin: first, equals: from another}]}
"""


@pytest.mark.parametrize("target", ["harness", "envoy"])
def test_each_line_has_its_author(tmp_path: Path, target: str) -> None:
    (tmp_path / "one.wasm").write_bytes(
        plugin({"request_headers": [("proxy_log", 2, b"from a stream")]})
    )
    (tmp_path / "two.wasm").write_bytes(
        plugin(
            {
                "configure": [("proxy_log", 2, b"configured")],
                "request_headers": [("proxy_log", 2, b"from another")],
            }
        )
    )
    path = tmp_path / "a.wasmtest.yaml"
    path.write_text(SCENARIOS)

    right, wrong = runner.run(suite.open_suites([path], None), [TARGETS[target]()]).results

    assert (right.outcome, right.messages) == (Outcome.PASSED, ())
    assert wrong.messages == (
        'logs[0]: expected a line (of first, "from another"), saw none of 3 lines',
    )
