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

from tests.cli.runs import envoys_of, ran, run_folders, running, write
from tests.envoy.plugins import ADD_HEADER, CONTINUE, FALSE, SAY, TRUE, plugin
from tests.oci import certificates

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


@pytest.mark.parametrize(("policy", "then"), [("closed", 503), ("open", 200)])
def test_a_trap_is_told_and_the_policy_says_what_becomes_of_later_requests(
    folder: Path, policy: str, then: int
) -> None:
    write(folder, "traps", plugin(request_headers="(unreachable)"))

    with running(folder, "traps.wasm", "--fail-policy", policy) as started:
        answers = [started.get()[0].status for _ in range(2)]
        started.wait_for("Function: proxy_on_request_headers failed")

    assert answers == [503, then]


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
