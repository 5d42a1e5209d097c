"""Each exit code, by a command run as a process: one way to reach it, the quickest.

How else a command can end is tested where the command is; here every code has its proof.
"""

import contextlib
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import started, wasmctl
from tests.envoy.plugins import CONTINUE, FALSE, plugin
from wasmctl import errors

_LOOP = "(loop $again (br $again)) (i32.const 1)"
_LINK = '(import "wasi_snapshot_preview1" "fd_tell" (func (param i32 i32) (result i32)))'
_REQUEST = "request: /, expect: {client: {status: %s}}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with plugins: one that works, and some that do not."""
    modules = {
        "works": plugin(request_headers=CONTINUE),
        "refuses": plugin(configure=FALSE),
        "loops": plugin(configure=_LOOP),
        "links": plugin(imports=_LINK, request_headers=CONTINUE),
    }
    for name, module in modules.items():
        (tmp_path / f"{name}.wasm").write_bytes(module.content)
    return tmp_path


def _scenario(folder: Path, status: int) -> str:
    test = "{name: a, plugin: {wasm: works.wasm}, " + _REQUEST % status + "}"
    (folder / "a.wasmtest.yaml").write_text(f"wasmtest: 1\ntests: [{test}]\n")
    return "a.wasmtest.yaml"


def _version(folder: Path) -> int:
    return wasmctl("--version", folder=folder).returncode


def _unknown_language(folder: Path) -> int:
    return wasmctl("init", "new", "--lang", "cobol", folder=folder).returncode


def _no_project(folder: Path) -> int:
    return wasmctl("build", folder=folder).returncode


def _no_docker(folder: Path) -> int:
    environment = {"DOCKER_HOST": f"unix://{folder}/none.sock"}
    words = ("run", "works.wasm", "--engine", "container")
    return wasmctl(*words, folder=folder, environment=environment).returncode


def _finding(folder: Path) -> int:
    return wasmctl("check", "links.wasm", "--host", "envoy-1.36", folder=folder).returncode


def _failing_test(folder: Path) -> int:
    return wasmctl("test", _scenario(folder, 201), "--on", "harness", folder=folder).returncode


def _no_tests(folder: Path) -> int:
    words = ("test", _scenario(folder, 200), "--on", "harness", "-k", "zzz")
    return wasmctl(*words, folder=folder).returncode


def _refused_by_envoy(folder: Path) -> int:
    return wasmctl("run", "refuses.wasm", "--preflight", folder=folder).returncode


def _no_registry(folder: Path) -> int:
    with socket.socket() as taken:  # bound and not listening: whoever connects is refused
        taken.bind(("127.0.0.1", 0))
        reference = f"127.0.0.1:{taken.getsockname()[1]}/a/b:1"
        return wasmctl("pull", reference, "-o", "x", "--plain-http", folder=folder).returncode


def _loop_at_start(folder: Path) -> int:
    return wasmctl("run", "loops.wasm", "--ready-timeout", "1", folder=folder).returncode


def _not_a_plugin(folder: Path) -> int:
    return wasmctl("inspect", _scenario(folder, 200), folder=folder).returncode


def _folder_in_use(folder: Path) -> int:
    return wasmctl("init", ".", "--defaults", folder=folder).returncode


def _stopped_by(number: signal.Signals) -> Callable[[Path], int]:
    def stopped(folder: Path) -> int:
        with started("run", "works.wasm", folder=folder) as process:
            with contextlib.suppress(StopIteration):
                next(line for line in process.stdout or () if line.startswith("url"))
            process.send_signal(number)
            process.communicate()
            return process.returncode

    return stopped


_WAYS: dict[int, Callable[[Path], int]] = {
    0: _version,
    2: _unknown_language,
    3: _no_project,
    4: _no_docker,
    6: _finding,
    7: _failing_test,
    8: _no_tests,
    9: _refused_by_envoy,
    11: _no_registry,
    12: _loop_at_start,
    15: _not_a_plugin,
    16: _folder_in_use,
    130: _stopped_by(signal.SIGINT),
    143: _stopped_by(signal.SIGTERM),
}

# These need a compiler or a registry, and have their tests beside them; nothing drifts yet.
_ELSEWHERE = {5: "test_build", 10: "test_pull", 14: "test_pull"}
_UNREACHABLE = {13}


@pytest.mark.parametrize("code", _WAYS)
def test_an_exit_code_is_reached(code: int, folder: Path) -> None:
    assert _WAYS[code](folder) == code


@pytest.mark.parametrize(("code", "module"), _ELSEWHERE.items())
def test_the_other_codes_are_reached_elsewhere(code: int, module: str) -> None:
    text = Path(__file__).with_name(f"{module}.py").read_text()

    assert f"returncode == {code}\n" in text


def test_every_code_is_accounted_for() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    codes = {kind.exit_code for kind in kinds if issubclass(kind, errors.WasmctlError)}

    assert codes - {errors.WasmctlError.exit_code} == (
        _WAYS.keys() | _ELSEWHERE.keys() | _UNREACHABLE
    ) - {0}
