"""pytest in a process of its own, with our plugin and no other but those that are named."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import run
from tests.envoy.plugins import ADD_HEADER, CONTINUE, SAY, plugin

SCENARIOS = """\
wasmtest: 1
plugin: {wasm: p.wasm}
tests:
  - name: the request gets a header
    tags: [quick]
    request: /a
    expect: {upstream: {headers: {x-plugin: here}}}
  - name: so does the response
    request: /b
    expect: {client: {status: 200, headers: {x-plugin: here}}}
  - name: status ${s}
    cases: [{s: 201}, {s: 202}]
    request: /c
    reply: {status: "${s}"}
    expect: {client: {status: "${s}"}}
  - {name: not yet, skip: why, request: /, expect: {client: {status: 200}}}
"""
USES_FIXTURE = """\
from wasmctl import messages

def test_header(wasm):
    host = wasm("p.wasm", config={"a": 1})
    assert host.http(messages.request("/")).upstream.values(b"x-plugin") == (b"here",)
"""
HEAVY = ("pydantic", "yaml", "wasmtime", "wasmctl.testing.suite", "wasmctl.host")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a plugin and scenarios."""
    made = plugin(
        request_headers=SAY + ADD_HEADER.format(map=0) + CONTINUE,
        response_headers=ADD_HEADER.format(map=2) + CONTINUE,
    )
    (tmp_path / "p.wasm").write_bytes(made.content)
    (tmp_path / "a.wasmtest.yaml").write_text(SCENARIOS)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n")
    return tmp_path


def collected(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    ours = ("-p", "wasmctl.testing.pytest_plugin", "-p", "no:cacheprovider", "-vv")
    environment = {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": "",
        "XDG_CACHE_HOME": str(folder / ".cache"),
    }
    command = [sys.executable, "-m", "pytest", *ours, *words]
    return run(command, folder=folder, environment=environment)


def test_each_test_and_case_is_an_item(folder: Path) -> None:
    done = collected(folder)

    assert done.returncode == 0, done.stdout
    for name in ("the request gets a header", "so does the response", "status 201", "status 202"):
        assert f"a.wasmtest.yaml::{name}[harness] PASSED" in done.stdout
    assert "a.wasmtest.yaml::not yet[harness] SKIPPED (why)" in done.stdout
    assert "4 passed, 1 skipped" in done.stdout


def test_the_same_items_run_on_both_targets_in_several_processes(folder: Path) -> None:
    words = ("-p", "xdist", "-n", "2", "--wasm-target", "harness,envoy", "-k", "request")

    done = collected(folder, *words)

    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_tags_are_markers(folder: Path) -> None:
    done = collected(folder, "-m", "quick")

    assert "the request gets a header[harness] PASSED" in done.stdout
    assert "1 passed, 4 deselected" in done.stdout


def test_a_failure_shows_both_sides_and_none_of_our_code(folder: Path) -> None:
    (folder / "a.wasmtest.yaml").write_text(SCENARIOS.replace("status: 200, h", "status: 204, h"))

    done = collected(folder)

    assert done.returncode == 1
    assert "a.wasmtest.yaml:8: so does the response" in done.stdout
    assert "client.status: expected 204, saw 200" in done.stdout
    assert "Traceback" not in done.stdout
    assert "pytest_plugin.py" not in done.stdout


def test_a_mistake_in_a_file_is_an_error_in_our_words(folder: Path) -> None:
    (folder / "a.wasmtest.yaml").write_text(SCENARIOS.replace("reply:", "replay:"))

    done = collected(folder)

    assert done.returncode == 2
    assert "a.wasmtest.yaml:14:5: unknown key 'replay'; did you mean 'reply'?" in done.stdout
    assert "pytest_plugin.py" not in done.stdout


def test_an_unknown_target_is_told(folder: Path) -> None:
    done = collected(folder, "--wasm-target", "nginx")

    assert "--wasm-target: unknown target 'nginx'" in done.stdout


def test_the_fixture_starts_plugins(folder: Path) -> None:
    (folder / "test_it.py").write_text(USES_FIXTURE)

    done = collected(folder, "test_it.py")

    assert "test_it.py::test_header PASSED" in done.stdout


def test_who_has_no_scenarios_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import sys\n\ndef test_modules():\n"
        f"    assert not {set(HEAVY)!r} & set(sys.modules)\n"
        "    assert 'wasmctl.testing.pytest_plugin' in sys.modules\n"
    )

    done = collected(tmp_path)

    assert done.returncode == 0, done.stdout


def test_a_failure_shows_the_calls_between_host_and_plugin(folder: Path) -> None:
    (folder / "b.wasmtest.yaml").write_text(
        SCENARIOS.split("tests:", maxsplit=1)[0]
        + "tests:\n  - {name: one, request: /, expect: {client: {status: 404}}}\n"
    )

    done = collected(folder, "b.wasmtest.yaml")

    assert "calls between host and plugin:" in done.stdout
    assert '  proxy_log(INFO, "text")' in done.stdout


def test_the_calls_of_a_test_that_passes_are_shown_where_that_is_asked_for(folder: Path) -> None:
    done = collected(folder, "a.wasmtest.yaml", "-k", "gets", "--wasm-trace", "-rP")

    assert done.returncode == 0
    assert '  proxy_log(INFO, "text")' in done.stdout


def test_snapshots_are_written_where_that_is_asked_for(folder: Path) -> None:
    (folder / "b.wasmtest.yaml").write_text(
        SCENARIOS.split("tests:", maxsplit=1)[0]
        + "tests:\n  - {name: one, request: /, expect: {snapshot: s}}\n"
    )

    missing = collected(folder, "b.wasmtest.yaml")
    written = collected(folder, "b.wasmtest.yaml", "--wasm-update-snapshots")
    compared = collected(folder, "b.wasmtest.yaml")

    assert [missing.returncode, written.returncode, compared.returncode] == [1, 0, 0]
    assert "x-plugin: here" in (folder / "b.snapshots" / "s.txt").read_text()
