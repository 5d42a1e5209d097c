"""``wasmctl call`` as a user runs it."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.command import wasmctl
from tests.envoy.plugins import ADD_HEADER, CONTINUE, FALSE, SAY, plugin

PLUGINS = {
    "headers.wasm": plugin(request_headers=SAY + ADD_HEADER.format(map=0) + CONTINUE),
    "refuses.wasm": plugin(configure=SAY + FALSE),
    "traps.wasm": plugin(request_headers="(unreachable)"),
    "pauses.wasm": plugin(request_headers="(i32.const 1)"),
}
PROJECT = '[project]\nname = "p"\nlanguage = "assemblyscript"\n[build]\noutput = "headers.wasm"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with plugins."""
    for name, module in PLUGINS.items():
        (tmp_path / name).write_bytes(module.content)
    return tmp_path


def called(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"XDG_CACHE_HOME": str(folder / ".cache")}
    return wasmctl("call", *words, folder=folder, environment=environment)


def test_the_way_of_a_request_is_shown_from_end_to_end(folder: Path) -> None:
    words = ("-H", "x-a: 1", "--chunk", "he", "--chunk", "llo", "--response", "404")

    done = called(folder, "/a", *words, "--response-body", "gone", "--wasm", "headers.wasm")

    assert (done.returncode, done.stderr) == (0, "")
    shown = done.stdout.splitlines()
    upstream, answer = shown.index("upstream receives"), shown.index("upstream answers")
    assert shown[:5] == [
        "client sends",
        "  :method: POST",
        "  :scheme: http",
        "  :authority: example.test",
        "  :path: /a",
    ]
    assert shown[5:upstream] == ["  x-a: 1", '  body "he"', '  body "llo"']
    assert "  x-plugin: here" in shown[upstream:answer]
    assert shown[answer : answer + 4] == [
        "upstream answers",
        "  :status: 404",
        '  body "gone"',
        "client receives",
    ]
    assert shown[-1] == 'log info "text"'


def test_a_trace_shows_every_call_between_host_and_plugin(folder: Path) -> None:
    done = called(folder, "/a", "--wasm", "headers.wasm", "--trace")

    shown = done.stdout.splitlines()
    at = shown.index("inside")
    assert shown[at + 1].startswith("  call, stream 2: proxy_on_request_headers(num_headers ")
    assert shown[at + 2 : at + 4] == [
        '    proxy_log(INFO, "text")',
        '    proxy_add_header_map_value(HTTP_REQUEST_HEADERS, "x-plugin", "here")',
    ]


def test_json_has_a_trace_where_it_is_asked_for(folder: Path) -> None:
    words = ("/a", "--wasm", "headers.wasm", "--format", "json")

    callback, logged, *_ = json.loads(called(folder, *words, "--trace").stdout)["trace"]

    assert (callback["kind"], callback["results"]) == ("callback", ["CONTINUE"])
    assert (logged["function"], logged["arguments"]) == ("proxy_log", [2, 128, 4])
    assert logged["values"] == {"level": "INFO", "message": "text"}
    assert (logged["status"], logged["depth"], logged["stream"]) == ("OK", 1, 2)
    assert json.loads(called(folder, *words).stdout)["trace"] == []


def test_a_plugin_that_does_not_start_shows_its_trace(folder: Path) -> None:
    done = called(folder, "/a", "--wasm", "refuses.wasm", "--trace")

    assert "call: proxy_on_configure(plugin_configuration_size 0) → false" in done.stderr


def test_json_has_the_same(folder: Path) -> None:
    done = called(folder, "PUT", "/a", "--wasm", "headers.wasm", "--format", "json")

    found = json.loads(done.stdout)
    assert found["request"]["headers"][0] == [":method", "PUT"]
    assert ["x-plugin", "here"] in found["upstream"][0]["headers"]
    assert found["client"]["complete"] is True
    assert found["logs"] == [{"level": "info", "text": "text"}]
    assert (found["trap"], found["paused_at"], found["unimplemented"]) == (None, None, [])


def test_the_plugin_is_the_projects_and_bodies_may_be_files(folder: Path) -> None:
    (folder / "wasmctl.toml").write_text(PROJECT)
    (folder / "body").write_bytes(b"\xff")

    done = called(folder, "/", "--body", "@body")

    assert r'body "\xff"' in done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("traps.wasm", "trap: unreachable in proxy_on_request_headers"),
        ("pauses.wasm", "paused in proxy_on_request_headers: nothing could resume it"),
    ],
)
def test_what_ends_a_stream_is_told(folder: Path, module: str, line: str) -> None:
    done = called(folder, "/", "--wasm", module)

    assert done.returncode == 0
    assert line in done.stdout.splitlines()
    assert "upstream receives nothing" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("a",), 2, "'a' is not a path"),
        (("G T", "/"), 2, "'G T' is not a method"),
        (("GET", "/", "/"), 2, "'/' is one word too many"),
        (("/", "-H", "a"), 2, "not a header: 'a' has no colon"),
        (("/", "-H", ":path: /"), 2, "not a header: "),
        (("/", "--body", "a", "--chunk", "b"), 2, "--body and --chunk"),
        (("/", "--wasm", "none.wasm"), 16, "no module at none.wasm"),
        (("/", "--body", "@none"), 16, "cannot read none"),
        (("/", "--wasm", "refuses.wasm"), 15, "the plugin did not start: Failed to configure"),
    ],
)
def test_what_cannot_be_called_is_told(
    folder: Path, words: tuple[str, ...], code: int, message: str
) -> None:
    named = words if "--wasm" in words else (*words, "--wasm", "headers.wasm")

    done = called(folder, *named)

    assert done.returncode == code
    assert done.stderr.startswith(f"error: {message}")
