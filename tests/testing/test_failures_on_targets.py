"""What a failing test shows beside the mismatch, on both targets."""

from pathlib import Path

import pytest

from tests.host.plugins import OUT, plugin
from wasmctl.testing import runner, suite
from wasmctl.testing.play import Manner
from wasmctl.testing.report import Outcome, Result
from wasmctl.testing.targets import TARGETS

HERE = Path(__file__).parent
CALLS = plugin(
    {
        "request_headers": [
            ("proxy_log", 2, b"text"),
            ("proxy_get_header_map_value", 0, b"x-none", *OUT),
        ],
        "log": [],
    }
)
BOTH = pytest.mark.parametrize("target", ["harness", "envoy"])


def ran(
    folder: Path, module: bytes, target: str, expect: str, manner: Manner | None = None
) -> Result:
    (folder / "p.wasm").write_bytes(module)
    path = folder / "a.wasmtest.yaml"
    head = "wasmtest: 1\nplugin: {wasm: p.wasm, name: mine}\ntests:\n"
    path.write_text(f"{head}  - {{name: one, request: /, expect: {expect}}}\n")
    suites = suite.open_suites([path], None)
    machines = [TARGETS[target]()]
    (result,) = runner.run(suites, machines, manner=manner or Manner()).results
    return result


@BOTH
def test_a_trap_has_names_and_source_lines(tmp_path: Path, target: str) -> None:
    result = ran(tmp_path, (HERE / "dwarf5.wasm").read_bytes(), target, "{client: {status: 200}}")

    assert result.evidence[1:3] == (
        "  at plugin::refuse (src/plugin.rs:34)",
        "  at proxy_on_request_headers (src/plugin.rs:40)",
    )
    assert result.timeline[-1].endswith(
        "proxy_on_request_headers(num_headers 5, end_of_stream true) ✗ trapped"
    )


@BOTH
def test_the_calls_up_to_the_end_are_shown_and_refusals_explained(
    tmp_path: Path, target: str
) -> None:
    result = ran(tmp_path, CALLS, target, "{client: {status: 404}}")

    callback, log, header, end = result.timeline
    assert callback.startswith("mine, stream 2: proxy_on_request_headers(num_headers 5, ")
    assert log.startswith("  proxy_log(INFO, ")
    assert "→ NOT_FOUND: there is " in header
    assert end == "mine, stream 2: proxy_on_log()"


@BOTH
def test_a_test_that_passes_shows_none_unless_that_is_asked_for(
    tmp_path: Path, target: str
) -> None:
    quiet = ran(tmp_path, CALLS, target, "{client: {status: 200}}")
    told = ran(tmp_path, CALLS, target, "{client: {status: 200}}", Manner(trace=True))

    assert (quiet.outcome, quiet.timeline) == (Outcome.PASSED, ())
    assert (told.outcome, len(told.timeline)) == (Outcome.PASSED, 4)


@BOTH
def test_of_very_many_calls_the_last_are_shown(tmp_path: Path, target: str) -> None:
    many = plugin({"request_headers": [("proxy_log", 2, b"text")] * 100})

    cut = ran(tmp_path, many, target, "{client: {status: 404}}")
    whole = ran(tmp_path, many, target, "{client: {status: 404}}", Manner(trace=True))

    assert cut.timeline[0] == "… 41 earlier calls"
    assert len(cut.timeline) == 61
    assert len(whole.timeline) == 101


@BOTH
def test_a_plugin_that_is_not_called_has_no_calls(tmp_path: Path, target: str) -> None:
    result = ran(tmp_path, plugin({}), target, "{client: {status: 404}}")

    assert (result.outcome, result.timeline) == (Outcome.FAILED, ())
