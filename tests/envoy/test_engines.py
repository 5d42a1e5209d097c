"""One table of commands over all engines: what they print, answer and exit with is the same."""

import http.client
import http.server
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.command import WASMCTL, surroundings
from tests.docker_engine import DockerEngine
from tests.envoy import plugins
from wasmctl.envoy import engines
from wasmctl.envoy.engines.base import Choice
from wasmctl.errors import EnvironmentMissingError, InterruptedByUserError, UsageError

_ANSWERING = plugins.SAY + plugins.ADD_HEADER.format(map=2) + plugins.CONTINUE
_ASKING = plugins.ADD_HEADER.format(map=0) + plugins.CONTINUE
_OK = {"vm_start": plugins.TRUE, "configure": plugins.TRUE}

# The modules that the table speaks of, by the names of their files.
_MODULES: Mapping[str, Callable[[], bytes]] = {
    "answering": lambda: plugins.plugin(**_OK, response_headers=_ANSWERING).content,
    "asking": lambda: plugins.plugin(**_OK, request_headers=_ASKING).content,
    "logging": lambda: plugins.plugin(**_OK, log=plugins.SAY).content,
    "refusing": lambda: (
        plugins.plugin(vm_start=plugins.TRUE, configure=plugins.SAY + plugins.FALSE).content
    ),
    "trapping": lambda: plugins.plugin(**_OK, request_headers="(unreachable)").content,
    "stillborn": lambda: plugins.plugin(vm_start="(unreachable)").content,
    "crashing": lambda: (
        plugins.plugin(
            **_OK, request_headers="(drop (call $continue (i32.const 1)))" + plugins.CONTINUE
        ).content
    ),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A command, and the requests that its proxy gets; none: it ends before.

    Attributes:
        code: what it exits with; it goes on until Ctrl-C unless this says otherwise.

    """

    words: Sequence[str]
    requests: Sequence[str] = field(default=("/",))
    code: int = InterruptedByUserError.exit_code


_TABLE = {
    "one plugin": Row(words=["answering.wasm"], requests=["/", "/a?b=c"]),
    "a chain": Row(words=["answering.wasm", "asking.wasm"]),
    "two workers": Row(words=["answering.wasm", "--concurrency", "2"], requests=["/", "/", "/"]),
    "an upstream": Row(words=["asking.wasm", "--upstream", "http://{upstream}"]),
    "an upstream with a name": Row(
        words=["asking.wasm", "--upstream", "http://localhost:{upstream_port}"]
    ),
    "an upstream that is dead": Row(
        words=["asking.wasm", "--upstream", "http://127.0.0.1:9"], requests=[], code=4
    ),
    "code over HTTP": Row(words=["answering.wasm", "--serve-code"]),
    "an access logger": Row(words=["logging.wasm", "--kind", "access-logger"]),
    "a service": Row(words=["answering.wasm", "--kind", "service"]),
    "an upstream plugin": Row(words=["asking.wasm", "--kind", "http-upstream"]),
    "reload": Row(words=["answering.wasm", "--reload"]),
    "a trap": Row(words=["trapping.wasm"], requests=["/", "/"]),
    "a trap that lets pass": Row(words=["trapping.wasm", "--fail-policy", "open"]),
    "a limited plugin": Row(words=["asking.wasm", "--capability", "proxy_on_request_headers"]),
    "a bootstrap that Envoy refuses": Row(
        words=["asking.wasm", "--set", "static_resources.nonsense=1"], requests=[], code=9
    ),
    "a refused configuration": Row(words=["refusing.wasm"], requests=[], code=9),
    "a trap at the start": Row(words=["stillborn.wasm"], requests=[], code=9),
    "a crash": Row(words=["crashing.wasm"], code=9),
    "a preflight": Row(words=["answering.wasm", "--preflight"], requests=[], code=0),
    "a preflight that finds something": Row(
        words=["refusing.wasm", "--preflight"], requests=[], code=9
    ),
    "a duration": Row(words=["answering.wasm", "--duration", "0.1"], requests=[], code=0),
    "JSON": Row(
        words=["answering.wasm", "--format", "json", "--duration", "0.1"], requests=[], code=0
    ),
}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """All that a command showed, but for what can't be the same twice."""

    code: int
    printed: str
    answers: Sequence[str]


class _Upstream(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        content = f"{self.requestline}\n{self.headers}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Stay quiet."""


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    """The port of a server that answers with what it was asked."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Upstream) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Where commands are run: a folder with the modules, and an image for the containers."""

    folder: Path
    docker: DockerEngine
    image: str
    upstream: int

    def outcome(self, row: Row, engine: str) -> Outcome:
        """Run a row of the table with an engine."""
        words = [
            word.format(upstream=f"127.0.0.1:{self.upstream}", upstream_port=self.upstream)
            for word in row.words
        ]
        with self._started([*words, "--engine", engine, "--image", self.image]) as process:
            answers, shown = self._ask(row, process)
            out, err = process.communicate(timeout=60)
        printed = _plain(shown + out + err, self.folder)
        return Outcome(code=process.returncode, printed=printed, answers=answers)

    def _ask(self, row: Row, process: "subprocess.Popen[str]") -> tuple[Sequence[str], str]:
        if not row.requests:
            return [], ""
        assert process.stdout
        shown = [process.stdout.readline() for _line in ("url", "admin")]
        url = urlsplit(shown[0].split()[-1]) if shown[0] else None
        answers = [_answer(url.netloc, path) for path in row.requests] if url else []
        if row.code == InterruptedByUserError.exit_code:
            process.send_signal(signal.SIGINT)
        return answers, "".join(shown)

    @contextmanager
    def _started(self, words: Sequence[str]) -> Iterator["subprocess.Popen[str]"]:
        state = {"XDG_STATE_HOME": str(self.folder / "state")}
        with subprocess.Popen(
            [*WASMCTL, "run", *words],
            cwd=self.folder,
            env=surroundings({**self.docker.environment, **state}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def _answer(where: str, path: str) -> str:
    connection = http.client.HTTPConnection(where, timeout=30)
    connection.request("GET", path, headers={"Host": "test"})
    try:
        response = connection.getresponse()
    except ConnectionError:  # refused, reset, closed
        return "none"
    headers = [f"{name}: {value}" for name, value in response.getheaders() if name != "date"]
    content = response.read().decode()
    connection.close()
    return "\n".join([str(response.status), *headers, content])


# What differs from run to run, what names the engine, and what it says of its own.
_DIFFERENCES = {
    r"127\.0\.0\.1:\d+": "ADDRESS",
    r"-[0-9a-f]{4}\b": "-RUN",
    r"\n {9}": " ",  # lines that are broken for their length
    r"(FOLDER|/wasmctl)\S*/bootstrap.json": "BOOTSTRAP",
    r"near\s+\S+\s+\(offset\s+\d+\)": "near PLACE",
    r"goo\.gle/debug\w+\s+": "",  # Protobuf varies it, so that nobody reads it by program
    r" +": " ",
    r"Envoy (\S+ at|of image) .* takes": "ENGINE takes",
    r"^\S+-RUN: .*": "ENGINE",
    r"\"(pid|engine|machine|begun|started)\": .*": r"\1",
}


def _plain(text: str, folder: Path) -> str:
    text = text.replace(str(folder), "FOLDER")
    for pattern, word in _DIFFERENCES.items():
        text = re.sub(pattern, word, text, flags=re.MULTILINE)
    return text


@pytest.fixture(scope="module")
def bench(
    docker_engine: DockerEngine,
    envoy_image: str,
    upstream: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Bench:
    folder = tmp_path_factory.mktemp("table")
    for name, make in _MODULES.items():
        (folder / f"{name}.wasm").write_bytes(make())
    return Bench(folder=folder, docker=docker_engine, image=envoy_image, upstream=upstream)


@pytest.mark.parametrize("name", _TABLE)
def test_a_command_does_the_same_on_each_engine(bench: Bench, name: str) -> None:
    first, *others = [bench.outcome(_TABLE[name], engine) for engine in engines.ENGINES]

    assert first.code == _TABLE[name].code
    assert others == [first]


def test_auto_prefers_the_process() -> None:
    assert engines.choose().name == "process"


@pytest.mark.usefixtures("docker")
def test_auto_takes_a_container_for_an_image(envoy_image: str) -> None:
    assert engines.choose("auto", Choice(image=envoy_image)).name == "container"


def test_auto_does_not_replace_a_binary_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "envoy").write_bytes(b"none")

    with pytest.raises(EnvironmentMissingError, match=f"{tmp_path}/envoy"):
        engines.choose("auto", Choice(path=tmp_path / "envoy"))


def test_an_unknown_engine_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="no engine for Envoy is called 'contaner'") as caught:
        engines.choose("contaner")

    assert "container" in caught.value.hint
