"""What ``wasmctl run`` says of mistakes, and of Envoys that do not start or die."""

import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cli.runs import envoys_of, ran, run_folders, running, state, write
from tests.command import WASMCTL, checkout, on_small_disk, run
from tests.envoy.plugins import CONTINUE, FALSE, SAY, TRUE, plugin

_LOOP = "(loop (br 0)) (unreachable)"
_TAKEN = plugin(configure=SAY + TRUE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a plugin that Envoy takes, and one that refuses its configuration."""
    write(tmp_path, "p", _TAKEN)
    write(tmp_path, "refuses", plugin(configure=SAY + FALSE))
    return tmp_path


def test_a_plugin_that_refuses_its_configuration_is_shown_with_its_words(folder: Path) -> None:
    done = ran(folder, "refuses.wasm")

    assert done.returncode == 9
    assert "error: the plugin refused its configuration" in done.stderr
    assert "wasm log: text" in done.stderr
    assert json.loads((run_folders(folder)[0] / "run.json").read_text())["state"] == "failed"


def test_a_preflight_says_the_same_and_starts_nothing(folder: Path) -> None:
    refused = ran(folder, "refuses.wasm", "--preflight")
    taken = ran(folder, "p.wasm", "--preflight")

    assert refused.returncode == 9
    assert "error: the plugin refused its configuration" in refused.stderr
    assert taken.returncode == 0
    assert _TAKEN.digest in taken.stdout
    assert run_folders(folder) == []


def test_a_plugin_that_never_ends_its_start_is_named_after_the_time_given(folder: Path) -> None:
    write(folder, "loops", plugin(configure=_LOOP))

    done = ran(folder, "loops.wasm", "--ready-timeout", "1")

    assert done.returncode == 12
    assert "not ready after 1 s; the last callback was proxy_on_configure" in done.stderr
    assert envoys_of(folder) == []


def test_a_run_whose_plugin_never_answers_can_be_ended(folder: Path) -> None:
    write(folder, "hangs", plugin(request_headers=_LOOP))

    with running(folder, "hangs.wasm") as started:
        place = urlsplit(started.url)
        with socket.create_connection((place.hostname, place.port), 60) as client:
            client.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            started.wait_for("proxy_on_request_headers has not returned")
            code = started.end()

    assert code == 143
    assert envoys_of(folder) == []


def test_envoys_death_is_told_with_the_callback_and_the_known_hazard(folder: Path) -> None:
    body = "(drop (call $continue (i32.const 1)))" + CONTINUE
    write(folder, "crashes", plugin(request_headers=body))

    with running(folder, "crashes.wasm") as started:
        place = urlsplit(started.url)
        with socket.create_connection((place.hostname, place.port), 60) as client:
            client.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            code = started.process.wait(60)

    assert code == 9
    said = started.said()
    assert "Envoy died of SIGSEGV; the last callback was proxy_on_request_headers" in said
    assert "known hazard: proxy_continue_stream(response)" in said


def test_a_vector_in_an_exports_signature_is_told_of(folder: Path) -> None:
    name, result = "proxy_on_response_trailers", "(result v128) (v128.const i32x4 0 0 0 0)"
    functions = f'(func (export "{name}") (param i32 i32) {result})'
    write(folder, "vector", plugin(functions=functions))

    done = ran(folder, "vector.wasm")

    assert done.returncode == 9
    assert f"known hazard: {name} has a vector" in done.stderr
    assert "Envoy died of SIGTRAP" in done.stderr


def test_a_port_that_is_taken_is_named(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = ran(folder, "p.wasm", "--port", str(port))

    assert done.returncode == 4
    assert f"cannot use port {port} of 127.0.0.1: Address already in use" in done.stderr


def test_an_upstream_that_is_dead_is_named(folder: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        done = ran(folder, "p.wasm", "--upstream", f"http://127.0.0.1:{port}")

    assert done.returncode == 4
    assert f"does not answer at 127.0.0.1:{port}: Connection refused" in done.stderr


def test_an_envoy_without_v8_is_named(folder: Path) -> None:
    other = folder / "envoy"
    other.write_bytes(b"\x7fELF without an engine")

    done = ran(folder, "p.wasm", "--envoy-path", other)

    assert done.returncode == 4
    assert f"{other} cannot run plugins" in done.stderr


def test_an_envoy_for_another_machine_is_named(folder: Path) -> None:
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00" + b"\xf3\x7f"
    other = folder / "envoy"
    other.write_bytes(head + b" proxy_wasm2v8")

    done = ran(folder, "p.wasm", "--envoy-path", other)

    assert done.returncode == 4
    assert f"{other} is built for another machine" in done.stderr


def test_a_state_folder_that_cannot_be_written_is_named(folder: Path) -> None:
    (folder / ".state").write_text("a file")

    done = ran(folder, "p.wasm")

    assert done.returncode == 16
    assert "cannot create" in done.stderr


def test_a_full_disk_is_named(folder: Path) -> None:
    small = folder / ".state"
    small.mkdir()
    command = [*WASMCTL, "run", folder / "p.wasm", "--duration", "1"]

    done = run(on_small_disk("size=8k", small, command), environment=state(folder))

    assert done.returncode == 16
    assert "No space left on device" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--upstream", "127.0.0.1:80"], "its scheme is none of"),
        (["--kind", "htp"], "did you mean 'http'?"),
        (["--cluster", "a"], "not of the form NAME=URL"),
        (["--env", "A"], "not of the form K=V"),
        (["--set", "static_resources.clusters[x].name=1", "--print-config"], "there is echo"),
        (["--log-level", "loud"], "unknown level 'loud'"),
        (["--fail-policy", "opn"], "did you mean 'open'?"),
        (["--engine", "proces"], "did you mean 'process'?"),
    ],
)
def test_words_that_do_not_fit_are_usage_errors(folder: Path, words: list[str], said: str) -> None:
    done = ran(folder, "p.wasm", "--duration", "0", *words)

    assert done.returncode == 2
    assert said in done.stderr


def test_what_is_no_plugin_is_named(folder: Path) -> None:
    done = ran(folder, checkout() / "README.md")

    assert done.returncode == 15
