import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from wasmctl.envoy import engines, launch, locate
from wasmctl.envoy.engines.process import ProcessEngine
from wasmctl.envoy.launch import Envoy
from wasmctl.errors import EnvironmentMissingError, EnvoyFailedError, FilesError

# Starts an Envoy and the peers, tells their process ids, and sleeps.
_HOLDER = textwrap.dedent(
    """
    import time
    from wasmctl.envoy import engines, launch, locate
    from wasmctl.envoy.peers import process
    with process.started(["upstream"]) as peers, launch.launched(engines.choose(), []) as envoy:
        peers.seen("upstream")
        print(envoy.main_thread, peers.pid, envoy.folder, flush=True)
        time.sleep(300)
    """
)


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return not state.startswith("Z")


def _wait_for_end(pids: list[int]) -> None:
    deadline = time.monotonic() + 30
    while any(_is_running(pid) for pid in pids):
        assert time.monotonic() < deadline, "a process was left behind"
        time.sleep(0.01)


@pytest.fixture(params=[os.environ["PATH"], "/nowhere"], ids=["by setpriv", "by Python"])
def holder(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """A process that holds an Envoy and the peers, with and without programs to bind them by."""
    environment = os.environ | {
        "PATH": request.param,
        "PYTHONPATH": ":".join(sys.path),
        "TMPDIR": str(tmp_path),
        "HTTP_PROXY": "http://127.0.0.1:1",
    }
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield process
        process.kill()


def _held(process: subprocess.Popen[str]) -> tuple[list[int], Path]:
    assert process.stdout
    *pids, folder = process.stdout.readline().split()
    return [int(pid) for pid in pids], Path(folder)


def test_an_envoy_ends_with_its_block_and_its_folder_goes() -> None:
    with launch.launched(engines.choose(), []) as envoy:
        pid, folder = envoy.main_thread, envoy.folder
        was_running = _is_running(pid)

    assert was_running
    assert not _is_running(pid)
    assert not folder.exists()


def test_a_killed_parent_leaves_no_process(holder: subprocess.Popen[str]) -> None:
    pids, _folder = _held(holder)

    holder.kill()

    _wait_for_end(pids)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_ended_parent_leaves_no_process(
    holder: subprocess.Popen[str], number: signal.Signals
) -> None:
    pids, _folder = _held(holder)

    holder.send_signal(number)

    _wait_for_end(pids)


def test_ctrl_c_leaves_no_folder(holder: subprocess.Popen[str]) -> None:
    _pids, folder = _held(holder)

    holder.send_signal(signal.SIGINT)
    holder.wait(30)

    assert not folder.exists()


def test_a_program_that_ends_at_once_is_no_envoy() -> None:
    with (
        pytest.raises(EnvoyFailedError, match="ended with code 1"),
        launch.launched(ProcessEngine(binary=Path("/bin/false")), []),
    ):
        pass


def test_the_reason_of_a_failed_start_is_shown(tmp_path: Path) -> None:
    # An Envoy that is handed another configuration than ours.
    script = tmp_path / "envoy"
    script.write_text(f'#!/bin/sh\nexec {locate.locate()} "$@" --config-yaml "nonsense: 1"\n')
    script.chmod(0o755)

    with (
        pytest.raises(EnvoyFailedError) as caught,
        launch.launched(ProcessEngine(binary=script), []),
    ):
        pass

    assert any("nonsense" in line for line in caught.value.details)


def test_a_binary_that_cannot_run_here_is_named(tmp_path: Path) -> None:
    binary = tmp_path / "envoy"
    binary.write_bytes(b"\x7fELF of another machine")
    binary.chmod(0o755)

    with (
        pytest.raises(EnvoyFailedError) as caught,
        launch.launched(ProcessEngine(binary=binary), []),
    ):
        pass

    assert caught.value.details == (f"cannot start {binary}: Exec format error",)


def test_a_missing_binary_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(EnvironmentMissingError, match="No such file"),
        launch.launched(ProcessEngine(binary=tmp_path / "envoy"), []),
    ):
        pass


def test_a_death_is_reported_with_its_signal() -> None:
    with launch.launched(engines.choose(), []) as envoy:
        os.kill(envoy.main_thread, signal.SIGABRT)

        with pytest.raises(EnvoyFailedError, match="Envoy died of SIGABRT"):
            envoy.entries()


def test_a_system_without_room_for_the_files_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))

    with (
        pytest.raises(FilesError, match="cannot create a folder in"),
        launch.launched(engines.choose(), []),
    ):
        pass


def test_an_envoy_outlives_the_thread_that_started_it() -> None:
    with contextlib.ExitStack() as stack:
        started: list[Envoy] = []

        def start() -> None:
            started.append(stack.enter_context(launch.launched(engines.choose("process"), [])))

        thread = threading.Thread(target=start)
        thread.start()
        thread.join()
        time.sleep(0.05)  # the system would have ended it by now

        assert started[0].admin.is_ready()
