"""One table of commands, run over both engines: what users see is the same."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.runs import Running, ran, running
from tests.docker_engine import DockerEngine
from tests.envoy.plugins import ADD_HEADER, CONTINUE, FALSE, SAY, TRUE, plugin

_PLUGINS = {
    "p": plugin(configure=SAY + TRUE, request_headers=SAY + ADD_HEADER.format(map=0) + CONTINUE),
    "refuses": plugin(configure=SAY + FALSE),
    "traps": plugin(configure="(unreachable)"),
    "loops": plugin(configure="(loop (br 0)) (unreachable)"),
    "crashes": plugin(request_headers="(drop (call $continue (i32.const 1)))" + CONTINUE),
    "starts": plugin(functions="(start $first) (func $first (call $say (i32.const 2)))"),
}

# What differs from run to run, and from engine to engine where users ask for that.
_VARYING = (
    (r"([a-z]+)-[0-9a-f]{4}\b", r"\1-NAME"),
    (r"127\.0\.0\.1:\d+", "ADDRESS"),
    (r"(process|container) [0-9a-f]+.*", "MACHINE"),
    (r"Envoy .* takes", "Envoy takes"),
    (r"[ \xa0]+", " "),
    (r"near \S+ \(offset \d+\)|initializing config.*", ""),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with plugins."""
    for name, made in _PLUGINS.items():
        (tmp_path / f"{name}.wasm").write_bytes(made.content)
    return tmp_path


@pytest.fixture
def container(docker: DockerEngine, envoy_image: str) -> Callable[..., list[str]]:
    """The words that choose the engine ``container``."""
    assert docker.endpoint
    return lambda: ["--engine", "container", "--image", envoy_image]


def plain(text: str) -> str:
    for pattern, word in _VARYING:
        text = re.sub(pattern, word, text)
    return text


_ENDING = [
    ["p.wasm", "--duration", "0"],
    ["p.wasm", "--preflight"],
    ["refuses.wasm"],
    ["refuses.wasm", "--preflight"],
    ["traps.wasm"],
    ["starts.wasm"],
    ["loops.wasm", "--ready-timeout", "4"],
    ["p.wasm", "--set", "static_resources.clusters[echo].nonsense=1"],
]


@pytest.mark.parametrize("words", _ENDING, ids=" ".join)
def test_commands_that_end_say_the_same(
    words: list[str], folder: Path, container: Callable[..., list[str]]
) -> None:
    process = ran(folder, *words, "--engine", "process")
    contained = ran(folder, *words, *container())

    assert contained.returncode == process.returncode
    assert _words(contained.stdout) == _words(process.stdout)
    assert _words(contained.stderr) == _words(process.stderr)


def _words(text: str) -> list[str]:
    """Return the lines in an order of their own: plugins and wasmctl speak at the same time."""
    lines = (line for line in plain(text).splitlines() if "bootstrap.json" not in line)
    return sorted(lines)


def _requests(started: Running) -> object:
    echoed = started.echoed("/a", accept="*/*")
    echoed.pop("authority")
    started.wait_for("p: text", 2)
    return echoed


def _crash(started: Running) -> object:
    with pytest.raises(ConnectionError):
        started.get()
    code = started.process.wait(60)
    return code, [line for line in started.said().splitlines() if line.startswith(("err", "hint"))]


_GOING_ON: list[tuple[list[str], Callable[[Running], object]]] = [
    (["p.wasm"], _requests),
    (["p.wasm", "--serve-code"], _requests),
    (["p.wasm", "--reload", "--concurrency", "1"], _requests),
    (["crashes.wasm"], _crash),
]


@pytest.mark.parametrize(
    ("words", "use"), _GOING_ON, ids=[" ".join(words) for words, _use in _GOING_ON]
)
def test_runs_that_go_on_do_the_same(
    words: list[str],
    use: Callable[[Running], object],
    folder: Path,
    container: Callable[..., list[str]],
) -> None:
    seen = []
    for engine in (["--engine", "process"], container()):
        with running(folder, *words, *engine) as started:
            seen.append(use(started))

    assert seen[0] == seen[1]
