import os
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from wasmctl import processes
from wasmctl.errors import EnvironmentMissingError

_SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(300)"]
_STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(300)
"""


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2]
    except FileNotFoundError:
        return False
    return not state.startswith("Z")


def _wait_for_end(pid: int) -> None:
    deadline = time.monotonic() + 30
    while _is_running(pid):
        assert time.monotonic() < deadline, "a process was left behind"
        time.sleep(0.01)


def test_a_program_runs_to_its_end_and_its_output_is_kept() -> None:
    done = processes.run(["/bin/sh", "-c", "echo a; echo b >&2; exit 3"])

    assert done == processes.Finished(exit_code=3, output=("a", "b"))


def test_each_line_is_handed_on_while_the_program_runs(tmp_path: Path) -> None:
    go = tmp_path / "go"
    waits = f"echo a; while [ ! -e {go} ]; do sleep 0.01; done; echo b"

    done = processes.run(["/bin/sh", "-c", waits], on_line=lambda _line: go.touch())

    assert done.output == ("a", "b")


def test_a_signal_that_ends_a_program_is_its_negative_exit_code() -> None:
    done = processes.run(["/bin/sh", "-c", "kill -9 $$"])

    assert done.exit_code == -signal.SIGKILL


def test_output_that_is_no_text_is_read_all_the_same() -> None:
    done = processes.run(["/bin/sh", "-c", r"printf '\377\n'"])

    assert done.output == ("\N{REPLACEMENT CHARACTER}",)


def test_the_environment_is_added_to_ours() -> None:
    done = processes.run(["/bin/sh", "-c", 'echo "$KEY:$PATH"'], environment={"KEY": "value"})

    assert done.output == (f"value:{os.environ['PATH']}",)


def test_a_program_runs_in_the_folder_that_is_named(tmp_path: Path) -> None:
    done = processes.run(["/bin/pwd"], folder=tmp_path)

    assert done.output == (str(tmp_path.resolve()),)


def test_a_program_gets_no_input() -> None:
    done = processes.run(["/bin/cat"])

    assert done == processes.Finished(exit_code=0, output=())


def test_a_program_on_the_path_is_found() -> None:
    assert processes.find("sh")
    assert processes.find("no-such-program") is None


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing"

    with pytest.raises(EnvironmentMissingError) as caught:
        processes.run([missing])

    assert caught.value.message == f"cannot start {missing}: No such file or directory"


def test_a_running_program_ends_with_its_block() -> None:
    with processes.running(_SLEEP) as process:
        pass

    assert process.returncode == -signal.SIGTERM


def test_whatever_a_program_started_ends_with_it() -> None:
    with processes.running(["/bin/sh", "-c", "sleep 300 & echo $!; wait"]) as process:
        assert process.stdout
        grandchild = int(process.stdout.readline())

    _wait_for_end(grandchild)


def test_an_interrupted_run_ends_the_program() -> None:
    pids: list[int] = []

    def interrupt(line: str) -> None:
        pids.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        processes.run(["/bin/sh", "-c", "echo $$; sleep 300"], on_line=interrupt)

    assert not _is_running(pids[0])


def test_a_program_that_will_not_end_is_killed() -> None:
    with processes.running([sys.executable, "-c", _STUBBORN]) as process:
        assert process.stdout
        process.stdout.readline()

    assert process.returncode == -signal.SIGKILL


def test_a_program_can_be_ended_by_force() -> None:
    with processes.running([sys.executable, "-c", _STUBBORN]) as process:
        processes.kill(process)

    assert process.returncode == -signal.SIGKILL


def test_a_program_is_waited_for_only_so_long() -> None:
    with processes.companion(["/bin/cat"]) as process:
        assert process.stdin
        still_runs = processes.wait(process, 0.01)
        process.stdin.close()
        ended = processes.wait(process, 30)

    assert (still_runs, ended) == (None, 0)


def test_a_program_that_has_ended_needs_no_force() -> None:
    with processes.running(["/bin/true"]) as process:
        process.wait()

        processes.kill(process)

    assert process.returncode == 0


def test_a_companion_becomes_the_program_and_has_an_input() -> None:
    with processes.companion(["/bin/cat"]) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("a\n")
        process.stdin.flush()
        line = process.stdout.readline()
        name = Path(f"/proc/{process.pid}/comm").read_text()

    assert (line, name) == ("a\n", "cat\n")


def test_a_companion_inherits_what_it_is_given() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.fileno()
        command = ["/bin/sh", "-c", f"[ -S /proc/self/fd/{number} ] && echo socket"]
        with processes.companion(command, inherit=[number]) as process:
            assert process.stdout
            line = process.stdout.readline()

    assert line == "socket\n"


def test_a_companion_that_reads_no_more_does_no_harm() -> None:
    with processes.companion(["/bin/true"]) as process:
        assert process.stdin
        process.stdin.write("nobody reads this\n")
        process.wait()

    assert process.returncode == 0


def test_a_companion_dies_with_the_thread_that_started_it() -> None:
    kept = []

    def start() -> None:
        block = processes.companion(_SLEEP)
        process = block.__enter__()
        assert process.stdout
        process.stdout.readline()
        kept.append((block, process))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()

    [(block, process)] = kept
    assert process.wait(30) == -signal.SIGKILL
    block.__exit__(None, None, None)


def test_a_companion_of_a_parent_that_is_gone_does_not_start() -> None:
    # A shell is the parent; what we call the parent is somebody else.
    wrapper = processes._BOUND_TO_PARENT  # noqa: SLF001 - the race itself cannot be arranged
    command = [sys.executable, "-I", "-S", "-c", wrapper, "1", "/bin/echo", "started"]

    done = processes.run(command)

    assert done.output == ()


@pytest.mark.parametrize(
    ("mode", "reason"), [(None, "No such file or directory"), (0o644, "Permission denied")]
)
def test_a_companion_that_cannot_start_is_named(
    tmp_path: Path, mode: int | None, reason: str
) -> None:
    program = tmp_path / "program"
    if mode:
        program.touch(mode)

    with (
        pytest.raises(EnvironmentMissingError, match=reason),
        processes.companion([program]),
    ):
        pass


def test_a_survivor_learns_of_the_end_by_its_input_and_is_waited_for(tmp_path: Path) -> None:
    script = "import pathlib, sys; sys.stdin.read(); pathlib.Path(sys.argv[1]).touch()"

    with processes.survivor([sys.executable, "-c", script, tmp_path / "told"]) as process:
        was_running = process.poll() is None

    assert was_running
    assert (tmp_path / "told").exists()


def test_a_survivor_that_cannot_start_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(EnvironmentMissingError, match="No such file or directory"),
        processes.survivor([tmp_path / "none"]),
    ):
        pass


def test_programs_start_in_other_threads_too() -> None:
    with ThreadPoolExecutor(1) as pool:
        finished = pool.submit(processes.run, ["echo", "hello"]).result()

    assert finished.output == ("hello",)
