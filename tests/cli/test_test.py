"""``wasmctl test`` as a user runs it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.command import checkout, run, started, wasmctl
from tests.envoy.plugins import ADD_HEADER, CONTINUE, SAY, plugin
from tests.terminal import at_terminal

PLUGIN = plugin(
    request_headers=SAY + ADD_HEADER.format(map=0) + CONTINUE,
    response_headers=ADD_HEADER.format(map=2) + CONTINUE,
)
SCENARIOS = """\
wasmtest: 1
plugin: {wasm: p.wasm}
tests:
  - name: the request gets a header
    request: /a
    expect: {upstream: {headers: {x-plugin: here}}}
  - name: so does the response
    request: /b
    expect: {client: {status: 200, headers: {x-plugin: here}}, logs: [text]}
"""
PROJECT = '[project]\nname = "p"\nlanguage = "assemblyscript"\n[build]\noutput = "p.wasm"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a plugin and a scenario file."""
    (tmp_path / "p.wasm").write_bytes(PLUGIN.content)
    (tmp_path / "a.wasmtest.yaml").write_text(SCENARIOS)
    return tmp_path


@pytest.fixture
def gate(folder: Path) -> Path:
    """A project with that plugin and that file."""
    (folder / "wasmctl.toml").write_text(PROJECT)
    (folder / "tests").mkdir()
    text = SCENARIOS.replace("plugin: {wasm: p.wasm}\n", "")
    (folder / "tests/a.wasmtest.yaml").write_text(text)
    return folder


def ran(
    folder: Path, *words: str | Path, change: tuple[str, str] = ("", "")
) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, with a cache of its own; change its scenario file before."""
    path = folder / "a.wasmtest.yaml"
    path.write_text(path.read_text().replace(*change))
    environment = {"XDG_CACHE_HOME": str(folder / ".cache")}
    return wasmctl("test", *words, folder=folder, environment=environment)


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_passing_tests_exit_0_and_name_the_module_they_tested(folder: Path) -> None:
    done = ran(folder, "a.wasmtest.yaml")

    assert done.returncode == 0
    assert done.stderr == ""
    shown = lines(done.stdout)
    assert shown[0] == "a.wasmtest.yaml"
    assert shown[1].startswith("passed harness")
    assert shown[1].endswith("ms the request gets a header")
    assert shown[4].startswith("2 passed, 0 failed, 0 skipped in")
    assert shown[5] == f"p.wasm, ABI 0.2.1, {PLUGIN.digest}"


def test_a_failing_test_exits_7_and_shows_both_sides(folder: Path) -> None:
    done = ran(folder, "a.wasmtest.yaml", change=("x-plugin: here}}}", "x-plugin: there}}}"))

    assert done.returncode == 7
    assert done.stderr.startswith("error: 1 of 2 tests failed\nhint: ")
    shown = lines(done.stdout)
    assert shown[1].startswith("failed harness")
    assert shown[2:6] == [
        "upstream.headers.x-plugin",
        'expected "there"',
        'saw "here"',
        'log: info "text"',
    ]


def test_both_targets_pass_with_one_file(folder: Path) -> None:
    done = ran(folder, "a.wasmtest.yaml", "--on", "harness,envoy")

    assert done.returncode == 0, done.stdout
    assert [line.split(" ")[:2] for line in lines(done.stdout)[1:5]] == [
        ["passed", "harness"],
        ["passed", "harness"],
        ["passed", "envoy"],
        ["passed", "envoy"],
    ]


def test_both_targets_fail_with_the_same_words(folder: Path) -> None:
    done = ran(
        *(folder, "a.wasmtest.yaml", "--on", "harness,envoy", "--format", "json"),
        change=("status: 200", "status: 204"),
    )

    assert done.returncode == 7
    failed = [one for one in json.loads(done.stdout)["results"] if one["outcome"] == "failed"]
    assert [one["target"] for one in failed] == ["harness", "envoy"]
    assert [one["messages"] for one in failed] == [["client.status: expected 204, saw 200"]] * 2


def test_the_project_that_init_makes_passes_on_both_targets(project_copy: Path) -> None:
    done = wasmctl("test", "--on", "harness,envoy", folder=project_copy)

    assert done.returncode == 0, done.stdout
    assert done.stderr == ""


def test_the_project_that_init_makes_fails_on_both_targets_when_it_is_broken(
    project_copy: Path,
) -> None:
    (scenarios,) = (project_copy / "tests").glob("*.wasmtest.yaml")
    scenarios.write_text(scenarios.read_text().replace("status: 200", "status: 201", 1))

    done = wasmctl("test", "--on", "harness,envoy", "--format", "json", "-C", project_copy)

    assert done.returncode == 7
    failed = [one for one in json.loads(done.stdout)["results"] if one["outcome"] == "failed"]
    assert [(one["target"], one["messages"]) for one in failed] == [
        ("harness", ["client.status: expected 201, saw 200"]),
        ("envoy", ["client.status: expected 201, saw 200"]),
    ]


def test_json_is_all_there_is_on_stdout(folder: Path) -> None:
    done = ran(folder, "a.wasmtest.yaml", "--format", "json")

    report = json.loads(done.stdout)
    assert (report["passed"], report["failed"], report["skipped"]) == (2, 0, 0)
    assert report["plugins"] == [
        {"path": "p.wasm", "digest": PLUGIN.digest, "abi": "0.2.1", "producers": []}
    ]
    assert [result["name"] for result in report["results"]] == [
        "the request gets a header",
        "so does the response",
    ]
    assert "2 passed" in done.stderr


def test_a_wrong_scenario_exits_3_before_anything_runs(folder: Path) -> None:
    done = ran(folder, "a.wasmtest.yaml", change=("expect:", "expct:"))

    assert done.returncode == 3
    assert done.stdout == ""
    assert lines(done.stderr) == [
        "error: a.wasmtest.yaml:6:5: unknown key 'expct'; did you mean 'expect'?",
        "a.wasmtest.yaml:9:5: unknown key 'expct'; did you mean 'expect'?",
        "hint: correct a.wasmtest.yaml",
    ]


def test_no_scenario_file_exits_8(tmp_path: Path) -> None:
    done = wasmctl("test", tmp_path, folder=tmp_path)

    assert done.returncode == 8
    assert done.stderr.startswith(f"error: no scenario files in {tmp_path}\nhint: ")


def test_a_project_without_tests_exits_8(gate: Path) -> None:
    (gate / "tests/a.wasmtest.yaml").unlink()
    (gate / "tests").rmdir()

    done = ran(gate)

    assert done.returncode == 8
    assert done.stderr.startswith("error: no scenario files in tests\n")


def test_tests_that_are_all_skipped_exit_8(folder: Path) -> None:
    done = ran(folder, "a.wasmtest.yaml", change=("tests:", "targets: [envoy]\ntests:"))

    assert done.returncode == 8
    assert "0 passed, 0 failed, 2 skipped" in done.stdout
    assert "error: every test was skipped" in done.stderr


def test_a_module_that_was_not_built_exits_16_and_names_the_remedy(folder: Path) -> None:
    (folder / "p.wasm").unlink()

    done = ran(folder, "a.wasmtest.yaml")

    assert done.returncode == 16
    assert lines(done.stderr) == [
        "error: no module at p.wasm",
        "hint: build it first: wasmctl build",
    ]


def test_a_module_that_is_no_plugin_exits_15(folder: Path) -> None:
    (folder / "p.wasm").write_bytes(b"\0asm\1\0\0\0")

    done = ran(folder, "a.wasmtest.yaml")

    assert done.returncode == 15
    assert done.stderr.startswith("error: p.wasm: no Proxy-Wasm ABI marker")


def test_a_path_that_is_not_there_exits_16(folder: Path) -> None:
    done = ran(folder, "none.wasmtest.yaml")

    assert done.returncode == 16
    assert done.stderr.startswith("error: cannot read none.wasmtest.yaml: No such file")


def test_a_folder_without_project_exits_3(folder: Path) -> None:
    done = ran(folder)

    assert done.returncode == 3
    assert done.stderr.startswith("error: no wasmctl.toml in ")


def test_an_unknown_target_exits_2(folder: Path) -> None:
    done = ran(folder, "a.wasmtest.yaml", "--on", "harness,envy")

    assert done.returncode == 2
    assert lines(done.stderr) == [
        "error: --on: unknown target 'envy'",
        "hint: did you mean 'envoy'?",
    ]


def test_the_project_says_what_is_tested_and_where(gate: Path) -> None:
    with (gate / "wasmctl.toml").open("a") as file:
        file.write('[test]\non = ["envoy", "harness"]\n')

    done = ran(gate)

    assert done.returncode == 0, done.stdout
    shown = lines(done.stdout)
    assert shown[0] == "tests/a.wasmtest.yaml"
    assert [line.split(" ")[1] for line in shown[1:5]] == ["envoy", "envoy", "harness", "harness"]


def test_a_project_can_be_elsewhere(gate: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    done = wasmctl("test", "-C", gate, folder=elsewhere)

    assert done.returncode == 0, done.stderr
    assert lines(done.stdout)[0] == f"{gate}/tests/a.wasmtest.yaml"


def test_a_module_older_than_its_source_is_told(gate: Path) -> None:
    os.utime(gate / "p.wasm", (1, 1))

    done = ran(gate)

    assert done.returncode == 0
    assert done.stderr == (
        "warning: p.wasm is older than wasmctl.toml; run: wasmctl build, or wasmctl test --fresh\n"
    )


def test_a_junit_report_is_written_though_tests_fail(folder: Path) -> None:
    done = ran(
        folder, "a.wasmtest.yaml", "--junit", "out/report.xml", change=("status: 200", "status: 1")
    )

    assert done.returncode == 7
    root = ET.parse(folder / "out/report.xml").getroot()  # noqa: S314 - our own file
    assert (root.attrib["tests"], root.attrib["failures"]) == ("2", "1")


def test_a_junit_report_that_cannot_be_written_exits_16(folder: Path) -> None:
    done = ran(folder, "a.wasmtest.yaml", "--junit", "p.wasm/report.xml")

    assert done.returncode == 16
    assert done.stderr.startswith("error: cannot write p.wasm/report.xml: ")


def test_a_machine_without_envoy_exits_4(folder: Path) -> None:
    (folder / "shadow/envoy").mkdir(parents=True)
    (folder / "shadow/envoy/__init__.py").write_text("raise ImportError")
    environment = {"PYTHONPATH": f"{folder / 'shadow'}:{checkout()}", "PATH": "/nowhere"}

    done = wasmctl(
        "test", "a.wasmtest.yaml", "--on", "envoy", folder=folder, environment=environment
    )

    assert done.returncode == 4
    assert done.stderr.startswith("error: no Envoy on this machine\nhint: ")


def test_a_terminal_shows_how_far_it_is_and_keeps_the_results(folder: Path) -> None:
    code, shown = at_terminal(
        "test",
        "a.wasmtest.yaml",
        typed={},
        folder=folder,
        environment={"XDG_CACHE_HOME": str(folder / ".cache"), "NO_COLOR": ""},
    )

    assert code == 0
    assert "harness: a.wasmtest.yaml" in shown
    assert re.search(r"\r\x1b\[2Ka\.wasmtest\.yaml\n  \S*passed", shown)
    assert "2 passed, 0 failed, 0 skipped" in shown


def test_what_only_envoy_needs_is_not_imported_for_the_harness(folder: Path) -> None:
    script = (
        "import atexit, sys; sys.argv = ['wasmctl', 'test', 'a.wasmtest.yaml']\n"
        "atexit.register(lambda: print(*sorted(sys.modules)))\n"
        "from wasmctl.cli import main; main()"
    )

    done = run(
        [sys.executable, "-c", script],
        folder=folder,
        environment={"XDG_CACHE_HOME": str(folder / ".cache")},
    )

    modules = set(done.stdout.splitlines()[-1].split())
    assert "wasmctl.host" in modules
    assert not {"wasmctl.envoy", "h2", "docker", "oras", "cookiecutter", "requests"} & modules


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize(
    ("target", "body"), [("harness", "(loop $l (br $l)) (i32.const 0)"), ("envoy", "(i32.const 1)")]
)
def test_a_run_that_is_stopped_leaves_no_process(
    folder: Path, target: str, body: str, number: signal.Signals, code: int
) -> None:
    (folder / "p.wasm").write_bytes(plugin(request_headers=SAY + body).content)

    with started("test", "a.wasmtest.yaml", "--on", target, folder=folder) as process:
        while not _is_busy(process.pid, target):
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
        children = _children(process.pid)
        os.killpg(process.pid, number)
        _, errors = process.communicate()

    assert process.returncode == code
    assert errors.splitlines()[0] in {"error: interrupted", "error: terminated"}
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


def _is_busy(pid: int, target: str) -> bool:
    """Tell whether a run is under way: Envoy has been started, or the plugin turns."""
    if target == "envoy":
        return "envoy" in _children(pid).values()
    ticks = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11]
    return int(ticks) / os.sysconf("SC_CLK_TCK") > 1


def _children(parent: int) -> dict[int, str]:
    """Return the names of the programs that a process has started."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = path.read_text().partition(" (")[2].rpartition(") ")
        except OSError:
            continue  # it ended while we looked
        if rest.split()[1] == str(parent):
            found[int(path.parent.name)] = name
    return found


def test_tests_are_named_and_not_run(folder: Path) -> None:
    done = ran(
        folder, "a.wasmtest.yaml", "--list", change=("name: so", "tags: [slow]\n    name: so")
    )

    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "a.wasmtest.yaml:4: the request gets a header",
        "a.wasmtest.yaml:7: so does the response  [slow]",
    ]
    assert not (folder / ".cache").exists()


def test_the_list_is_json_too(folder: Path) -> None:
    done = ran(folder, "a.wasmtest.yaml", "--list", "-k", "response", "--format", "json")

    assert json.loads(done.stdout) == [
        {"file": "a.wasmtest.yaml", "line": 7, "name": "so does the response", "tags": []}
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("-k", "response and not request"),
        ("--tag", "slow"),
        ("--shard", "2/2"),
        ("-k", "response", "--workers", "2"),
    ],
)
def test_only_what_is_chosen_runs(folder: Path, words: tuple[str, ...]) -> None:
    done = ran(folder, "a.wasmtest.yaml", *words, change=("name: so", "tags: [slow]\n    name: so"))

    assert done.returncode == 0, done.stderr
    shown = lines(done.stdout)
    assert shown[1].endswith("so does the response")
    assert "1 passed, 0 failed" in done.stdout


def test_nothing_chosen_exits_8(folder: Path) -> None:
    done = ran(folder, "a.wasmtest.yaml", "-k", "none")

    assert done.returncode == 8
    assert done.stderr.startswith("error: no test was chosen\nhint: ")


def test_fewer_tests_than_asked_exit_8(folder: Path) -> None:
    done = ran(folder, "a.wasmtest.yaml", "--min-tests", "3")

    assert done.returncode == 8
    assert done.stderr.startswith("error: 2 tests ran, and --min-tests is 3\nhint: ")


def test_the_first_failure_may_end_it(folder: Path) -> None:
    done = ran(folder, "a.wasmtest.yaml", "--fail-fast", change=("x-plugin: here", "x-plugin: a"))

    assert done.returncode == 7
    assert "0 passed, 1 failed, 0 skipped" in done.stdout


def test_each_test_may_run_more_often_and_in_another_order(folder: Path) -> None:
    done = ran(folder, "a.wasmtest.yaml", "--repeat", "3", "--shuffle", "7", "--format", "json")

    names = [each["name"] for each in json.loads(done.stdout)["results"]]
    assert sorted(names) == [
        *(f"so does the response ({run} of 3)" for run in (1, 2, 3)),
        *(f"the request gets a header ({run} of 3)" for run in (1, 2, 3)),
    ]


def test_failures_are_annotations_and_a_tap_report_too(folder: Path) -> None:
    done = ran(
        *(folder, "a.wasmtest.yaml", "--github", "--tap", "out/t.tap"),
        change=("status: 200", "status: 204"),
    )

    assert done.returncode == 7
    assert "::error file=a.wasmtest.yaml,line=7,title=so does the response [harness]::" in (
        done.stdout
    )
    assert (folder / "out/t.tap").read_text().splitlines()[2:4] == [
        "ok 1 - a.wasmtest.yaml [harness] the request gets a header",
        "not ok 2 - a.wasmtest.yaml [harness] so does the response",
    ]


def test_what_both_targets_saw_is_compared(folder: Path) -> None:
    done = ran(folder, "a.wasmtest.yaml", "--on", "harness,envoy", "--format", "json")

    assert json.loads(done.stdout)["parity"] == {"compared": 2, "differences": [], "healed": []}
    assert "parity: 2 of 2 tests alike" in done.stderr


FAILING = ("status: 200", "status: 404")


@pytest.mark.parametrize("target", ["harness", "envoy"])
def test_a_failing_test_shows_its_calls_on_each_target(folder: Path, target: str) -> None:
    done = ran(folder, "a.wasmtest.yaml", "--on", target, change=FAILING)

    assert done.returncode == 7
    told = done.stdout.split("calls between host and plugin:\n")[1].splitlines()
    assert "stream 2: proxy_on_request_headers(num_headers 5, end_of_stream true)" in told[0]
    assert told[1].strip().startswith("proxy_log(INFO, ")
    assert "proxy_add_header_map_value(HTTP_REQUEST_HEADERS" in told[2]


def test_passing_tests_show_their_calls_where_that_is_asked_for(folder: Path) -> None:
    done = ran(folder, "a.wasmtest.yaml", "--trace", "--format", "json")

    results = json.loads(done.stdout)["results"]
    assert [each["outcome"] for each in results] == ["passed", "passed"]
    assert results[0]["timeline"][1] == '  proxy_log(INFO, "text")'
    assert results[0]["calls"][1]["function"] == "proxy_log"


def test_snapshots_are_compared_written_and_told_when_they_are_obsolete(folder: Path) -> None:
    snapshot = ("expect: {upstream", "expect: {snapshot: one, upstream")

    missing = ran(folder, "a.wasmtest.yaml", change=snapshot)
    written = ran(folder, "a.wasmtest.yaml", "--update-snapshots", "-n", "2")
    compared = ran(folder, "a.wasmtest.yaml", "--on", "harness,envoy")
    renamed = ran(folder, "a.wasmtest.yaml", "-k", "response", change=("one,", "two,"))

    codes = [each.returncode for each in (missing, written, compared, renamed)]
    assert codes == [7, 0, 0, 0]
    assert "no such snapshot yet: write it with --update-snapshots" in missing.stdout
    assert "obsolete" not in compared.stdout
    assert "obsolete snapshot: a.snapshots/one.txt" in renamed.stdout


def test_a_difference_that_is_known_no_longer_is_told(folder: Path) -> None:
    known = ("client: {status: 200,", "diverges: a reason, client: {status: 200,")

    done = ran(folder, "a.wasmtest.yaml", "--on", "harness,envoy", change=known)

    assert "no longer diverges: take diverges away" in done.stdout


def test_fresh_without_a_project_is_a_usage_error(folder: Path) -> None:
    done = ran(folder, "a.wasmtest.yaml", "--fresh")

    assert done.returncode == 2
    assert done.stderr.startswith("error: --fresh: there is no project to build\n")


def test_fresh_builds_what_was_not_built(tiny_project: Path) -> None:
    (tiny_project / "tests").mkdir()
    (tiny_project / "tests/a.wasmtest.yaml").write_text(
        "wasmtest: 1\ntests: [{name: it starts, expect: {configured: true}}]\n"
    )

    done = wasmctl("test", "--fresh", folder=tiny_project)

    assert done.returncode == 0, done.stderr
    assert "1 passed" in done.stdout


def test_the_engine_is_not_loaded_to_list_tests(folder: Path) -> None:
    script = (
        "import atexit, sys; sys.argv = ['wasmctl', 'test', 'a.wasmtest.yaml', '--list']\n"
        "atexit.register(lambda: print(*sorted(sys.modules)))\n"
        "from wasmctl.cli import main; main()"
    )

    done = run([sys.executable, "-c", script], folder=folder)

    assert not {"wasmtime", "wasmctl.host", "wasmctl.envoy"} & set(done.stdout.split())
