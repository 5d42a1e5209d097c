"""``wasmctl run`` as a user runs it."""

import contextlib
import json
import signal
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cli.runs import envoys_of, ran, run_folders, running, state
from tests.command import WASMCTL, checkout, on_small_disk, run
from tests.envoy.plugins import ADD_HEADER, CONTINUE, FALSE, SAY, TRUE, plugin
from tests.oci import certificates
from wasmctl.plugin import Plugin

_LOOP = "(loop (br 0)) (unreachable)"
_NEW_CONNECTION = (
    '(func (export "proxy_on_new_connection") (param i32) (result i32)'
    " (call $say (i32.const 2)) (i32.const 0))"
)
_MARKING = plugin(configure=SAY + TRUE, request_headers=SAY + ADD_HEADER.format(map=0) + CONTINUE)
_ANSWERING = plugin(response_headers=ADD_HEADER.format(map=2) + CONTINUE)
_REFUSING = plugin(configure=SAY + FALSE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with plugins."""
    write(tmp_path, "p", _MARKING)
    write(tmp_path, "answers", _ANSWERING)
    write(tmp_path, "refuses", _REFUSING)
    return tmp_path


def write(folder: Path, name: str, made: Plugin) -> Path:
    path = folder / f"{name}.wasm"
    path.write_bytes(made.content)
    return path


def test_the_built_in_upstream_shows_the_request_as_it_saw_it(folder: Path) -> None:
    with running(folder, "p.wasm") as started:
        echoed = started.echoed("/a?b=c", accept="text/plain")

    assert echoed["method"] == "GET"
    assert echoed["path"] == "/a?b=c"
    assert echoed["headers"]["x-plugin"] == "here"
    assert echoed["headers"]["accept"] == "text/plain"
    assert echoed["body"] == ""


def test_a_plugins_message_appears_once_with_its_level_and_name(folder: Path) -> None:
    with running(folder, "p.wasm") as started:
        before = started.wait_for("info     p: text")
        started.get()
        after = started.wait_for("info     p: text", 2)

    assert before.count("info     p: text") == 1
    assert after.count("info     p: text") == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_with_its_code_and_leaves_no_process(
    folder: Path, number: signal.Signals
) -> None:
    with running(folder, "p.wasm") as started:
        code = started.end(number)

    assert code == 128 + number
    assert envoys_of(folder) == []


def test_the_run_folder_keeps_what_helps_to_understand_it(folder: Path) -> None:
    ran(folder, "p.wasm", "--duration", "0.1")

    (place,) = run_folders(folder)
    record = json.loads((place / "run.json").read_text())
    assert record["state"] == "ended"
    assert record["plugins"] == [{"name": "p", "kind": "http", "digest": _MARKING.digest}]
    assert "info     p: text" in (place / "plugin.log").read_text()
    assert json.loads((place / "bootstrap.json").read_text())["static_resources"]
    assert "configs" in json.loads((place / "config_dump.json").read_text())
    assert "http.main.downstream_rq_total" in (place / "stats.txt").read_text()
    assert not (place / "modules").exists()


def test_machines_read_json(folder: Path) -> None:
    done = ran(folder, "p.wasm", "--duration", "0", "--format", "json")

    read = json.loads(done.stdout)
    assert read["state"] == "ready"
    assert read["engine"] == "process"
    assert read["url"].startswith("http://127.0.0.1:")


def test_a_project_says_how_its_plugin_is_configured(folder: Path) -> None:
    (folder / "wasmctl.toml").write_text(
        '[project]\nname = "gate"\nlanguage = "assemblyscript"\n'
        '[plugin]\nroot_id = "r"\nconfig = "c.json"\nenv = {A = "b"}\n[build]\noutput = "p.wasm"\n'
    )
    (folder / "c.json").write_text('{"x": 1}')

    done = ran(folder, "--print-config", "--env", "C=d")

    assert '"root_id": "r"' in done.stdout
    assert '"value": "{\\"x\\": 1}"' in done.stdout
    assert json.dumps({"A": "b", "C": "d"}) in " ".join(done.stdout.split()).replace(
        "{ ", "{"
    ).replace(" }", "}")


def test_plugins_of_every_kind_share_a_proxy(folder: Path) -> None:
    write(folder, "log", plugin(log=SAY))
    write(folder, "net", plugin(functions=_NEW_CONNECTION))
    write(folder, "svc", plugin(configure=SAY + TRUE))
    kinds = ("answers=http-upstream", "log=access-logger", "net=network", "svc=service")
    options = [word for kind in kinds for word in ("--kind", kind)]
    names = [f"{name}.wasm" for name in ("p", "answers", "log", "net", "svc")]

    with running(folder, *names, *options) as started:
        response, body = started.get()
        for name in ("p", "log", "net", "svc"):
            started.wait_for(f"{name}: text")

    assert response.headers["x-plugin"] == "here"
    assert json.loads(body)["headers"]["x-plugin"] == "here"


def test_a_network_plugin_alone_makes_a_proxy_of_connections(folder: Path) -> None:
    write(folder, "net", plugin(functions=_NEW_CONNECTION))

    with running(folder, "net.wasm", "--kind", "network") as started:
        place = urlsplit(started.url)
        with socket.create_connection((place.hostname, place.port), 60) as client:
            client.sendall(b"hello")
            echoed = client.recv(5)

    assert place.scheme == "tcp"
    assert echoed == b"hello"


class _Upstream(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"upstream saw {self.headers['x-plugin']}".encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that refuses the certificate."""


@contextlib.contextmanager
def served(context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve the upstream, over TLS where that is wanted; yield its port."""
    with _Quiet(("127.0.0.1", 0), _Upstream) as server:
        if context:
            listening = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
            server.socket = listening
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join()


@pytest.fixture
def upstream() -> Iterator[str]:
    """The URL of a server."""
    with served() as port:
        yield f"http://127.0.0.1:{port}"


def test_requests_lead_to_the_upstream_that_is_named(folder: Path, upstream: str) -> None:
    with running(folder, "p.wasm", "--upstream", upstream, HTTP_PROXY="http://127.0.0.1:1") as one:
        _response, body = one.get()

    assert body == b"upstream saw here"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_certificate_of_the_upstream_is_checked(folder: Path, host: str) -> None:
    ours, other = certificates.authority(folder), certificates.authority(folder, "other")
    certificate = certificates.server(folder, ours)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file, certificate.key)

    with served(context) as port:
        words = ["p.wasm", "--upstream", f"https://{host}:{port}"]
        with running(folder, *words, SSL_CERT_FILE=str(ours.file)) as started:
            trusted = started.get()[1]
        with running(folder, *words, SSL_CERT_FILE=str(other.file)) as started:
            refused = started.get()[0].status

    assert trusted == b"upstream saw here"
    assert refused == 503


def test_envoy_fetches_the_module_where_that_is_asked(folder: Path) -> None:
    with running(folder, "p.wasm", "--serve-code") as started:
        echoed = started.echoed()

    assert echoed["headers"]["x-plugin"] == "here"
    (place,) = run_folders(folder)
    assert '"remote"' in (place / "bootstrap.json").read_text()


def test_a_function_that_is_not_allowed_is_not_called(folder: Path) -> None:
    allowed = ["proxy_on_vm_start", "proxy_on_configure", "proxy_on_request_headers", "proxy_log"]
    options = [word for name in allowed for word in ("--capability", name)]

    with running(folder, "p.wasm", *options) as started:
        echoed = started.echoed()

    assert "x-plugin" not in echoed["headers"]


def test_values_and_patches_change_the_bootstrap(folder: Path) -> None:
    (folder / "patch.json").write_text('{"node": {"id": "patched", "cluster": null}}')
    value = "static_resources.clusters[echo].connect_timeout=2s"

    done = ran(folder, "p.wasm", "--print-config", "--set", value, "--patch", "patch.json")

    read = json.loads(done.stdout)
    assert read["node"] == {"id": "patched"}
    assert read["static_resources"]["clusters"][0]["connect_timeout"] == "2s"


def test_a_changed_module_is_met_by_the_next_request_and_a_broken_one_is_not(folder: Path) -> None:
    path = write(folder, "r", _MARKING)

    with running(folder, "r.wasm", "--reload") as started:
        before = started.get()[0].headers["x-plugin"]
        path.write_bytes(_ANSWERING.content)
        started.wait_for("replaced by")
        after = started.get()[0].headers["x-plugin"]
        path.write_bytes(_REFUSING.content)
        said = started.wait_for("kept the old module")
        kept = started.get()[0].headers["x-plugin"]

    assert (before, after, kept) == (None, "here", "here")
    assert "the plugin refused its configuration" in said


def test_a_module_that_would_crash_envoy_never_gets_there(folder: Path) -> None:
    path = write(folder, "r", _ANSWERING)
    start = "(start $first) (func $first (call $say (i32.const 2)))"

    with running(folder, "r.wasm", "--reload") as started:
        path.write_bytes(plugin(functions=start).content)
        said = started.wait_for("start section")
        kept = started.get()[0].headers["x-plugin"]

    assert "kept the old module: Envoy died of SIGSEGV" in said
    assert kept == "here"


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
    assert _MARKING.digest in taken.stdout
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
