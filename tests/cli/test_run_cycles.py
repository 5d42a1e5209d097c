"""Two hundred runs, each ended by a signal at some moment, leave nothing behind."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tests.cli.runs import envoys_of, ran, run_folders, state
from tests.command import surroundings
from tests.envoy.plugins import ADD_HEADER, CONTINUE, plugin

_CYCLES = 200
_AT_ONCE = 4
# Before, while and after Envoy starts.
_LONGEST_SECONDS = 0.35

# Loads everything once and forks a whole `wasmctl run` for each line it reads; prints its pid.
_FORKER = textwrap.dedent(
    """
    import os, signal, sys, threading
    from wasmctl import cli
    from wasmctl.cli import run_order, run_voice
    from wasmctl import launch
    from wasmctl.envoy.engines import process
    cli.signals.install()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    assert threading.active_count() == 1
    nowhere = os.open(os.devnull, os.O_RDWR)
    both = {signal.SIGINT, signal.SIGTERM}
    for _line in sys.stdin:
        # Python's own hooks after a fork would swallow what a handler raises.
        signal.pthread_sigmask(signal.SIG_BLOCK, both)
        pid = os.fork()
        if not pid:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, both)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number in (0, 1, 2):
                os.dup2(nowhere, number)
            cli.app(["run", "p.wasm"], prog_name="wasmctl")
        print(pid, flush=True)
    """
)


def _is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 60
    while any(_is_there(pid) for pid in pids):
        assert time.monotonic() < deadline, "a run did not end"
        time.sleep(0.005)


@pytest.mark.timeout(280)
def test_runs_that_are_ended_at_any_moment_leave_nothing(tmp_path: Path) -> None:
    content = plugin(request_headers=ADD_HEADER.format(map=0) + CONTINUE).content
    (tmp_path / "p.wasm").write_bytes(content)
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    chance = random.Random(7)  # noqa: S311 - the same moments each time

    with subprocess.Popen(
        [sys.executable, "-c", _FORKER],
        cwd=tmp_path,
        env=surroundings(state(tmp_path) | {"TMPDIR": str(scratch)}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as forker:
        assert forker.stdin
        assert forker.stdout
        for _ in range(_CYCLES // _AT_ONCE):
            pids = []
            for _ in range(_AT_ONCE):
                forker.stdin.write("\n")
                forker.stdin.flush()
                pids.append(int(forker.stdout.readline()))
            time.sleep(chance.uniform(0, _LONGEST_SECONDS))
            for pid in pids:
                number = chance.choice([signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
                os.kill(pid, number)
            _wait_until_gone(pids)
        forker.stdin.close()

    _wait_until_gone(envoys_of(tmp_path))
    for place in run_folders(tmp_path):
        os.utime(place, (0, 0))  # a young folder without a record may still get one
    assert ran(tmp_path, "p.wasm", "--duration", "0").returncode == 0
    assert list(scratch.iterdir()) == []
    assert len(run_folders(tmp_path)) <= 11
    assert [place for place in run_folders(tmp_path) if (place / "modules").exists()] == []
