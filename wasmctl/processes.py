"""The one place that starts a program, and the one that ends it."""

import contextlib
import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wasmctl import signals
from wasmctl.errors import EnvironmentMissingError

GRACE_SECONDS = 2.0

Process = subprocess.Popen[str]

# Run by an interpreter that then becomes the program. The system is asked to kill it with its
# parent (prctl(2), PR_SET_PDEATHSIG); a parent that has died before is found by its process id.
# A function between fork and exec would do the same, but is unsafe beside threads.
_BOUND_TO_PARENT = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9)
if os.getppid() == int(sys.argv[1]):
    try:
        os.execv(sys.argv[2], sys.argv[2:])
    except OSError as error:
        sys.exit(f"cannot start {sys.argv[2]}: {error.strerror}")
"""

# The same by two small programs, in a tenth of the time. The shell looks at its parent after the
# request has been made.
_BOUND_BY_SHELL = '[ "$PPID" = "$1" ] && shift && exec "$@"'

# Run by a shell that then becomes the program. Its input is a pipe that ends with us, however we
# end; then whatever is in the program's group is killed. The program itself has no input.
_WATCHED = 'exec 3<&0; (read -r _ <&3; kill -9 -$$) >/dev/null 2>&1 & exec "$@" </dev/null 3<&-'

# In the head of a program (elf(5)): what it is, its class and byte order, and its machine.
_ELF = b"\x7fELF"
_ELF_KIND, _ELF_MACHINE = slice(0, 6), slice(18, 20)


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A program that has ended: its exit code (negative: the signal) and its merged output."""

    exit_code: int
    output: tuple[str, ...]


def find(name: str) -> Path | None:
    """Return the program called ``name`` on PATH, or None."""
    found = shutil.which(name)
    return Path(found) if found else None


def run(
    command: Sequence[str | Path],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] = lambda _line: None,
) -> Finished:
    """Run a program to its end; each line of its output goes to ``on_line`` as it is printed.

    ``environment`` is added to the caller's own. The program leads a process group of its own:
    whatever ends this call early (Ctrl-C included) ends the whole group.

    Raises EnvironmentMissingError if the program cannot be started.
    """
    with running(command, folder=folder, environment=environment) as process:
        output = process.stdout
        lines = []
        for line in output or ():
            lines.append(line.rstrip("\n"))
            on_line(lines[-1])
        return Finished(exit_code=process.wait(), output=tuple(lines))


def answer(command: Sequence[str | Path], question: str) -> Finished:
    """Run a program to its end with ``question`` as its input.

    Raises EnvironmentMissingError if the program cannot be started.
    """
    with running(command, stdin=subprocess.PIPE) as process:
        output, _ = process.communicate(question)
        return Finished(exit_code=process.returncode, output=tuple(output.splitlines()))


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: int = subprocess.DEVNULL,
    inherit: Sequence[int] = (),
) -> Iterator[Process]:
    """Start a program, its output merged into a text pipe; end its group when the block ends.

    ``inherit`` are the open files it gets, by the same numbers.
    """
    started = _started(
        command,
        end,
        folder=folder,
        environment=environment,
        stdin=stdin,
        output=(subprocess.PIPE, subprocess.STDOUT),
        inherit=inherit,
    )
    with started as process:
        yield process


@contextlib.contextmanager
def _started(
    command: Sequence[str | Path],
    leave: Callable[[Process], None],
    *,
    output: tuple[int, int],
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: int = subprocess.PIPE,
    inherit: Sequence[int] = (),
) -> Iterator[Process]:
    """Start a program in a session of its own; the block's end leaves it, and waits for its end."""
    with signals.noted() as deliver_signals:
        try:
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=folder,
                env={**os.environ, **(environment or {})},
                stdin=stdin,
                stdout=output[0],
                stderr=output[1],
                text=True,
                errors="replace",
                start_new_session=True,
                pass_fds=inherit,
            )
        except OSError as error:
            raise _cannot_start(command, error) from error
        with process:
            try:
                deliver_signals()
                yield process
            finally:
                leave(process)
                _close_input(process)


@contextlib.contextmanager
def companion(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    inherit: Sequence[int] = (),
) -> Iterator[Process]:
    """Start a program that dies with us, even where we are killed; its input is a pipe.

    The system counts the thread that starts it as the parent: it must outlive the program.

    Raises EnvironmentMissingError where there is no such program.
    """
    _check_executable(command)
    with running(
        _bound(command), environment=environment, stdin=subprocess.PIPE, inherit=inherit
    ) as process:
        yield process


@contextlib.contextmanager
def watched(
    command: Sequence[str | Path],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Process]:
    """Start a program as ``running`` does; its whole group dies with us, even if we are killed.

    Raises EnvironmentMissingError where there is no such program.
    """
    _check_executable(command)
    shell: list[str | Path] = ["/bin/sh", "-c", _WATCHED, "sh", *command]
    with running(shell, folder=folder, environment=environment, stdin=subprocess.PIPE) as process:
        yield process


def _check_executable(command: Sequence[str | Path]) -> None:
    if not os.access(command[0], os.X_OK):
        found = Path(command[0]).exists()
        raise _cannot_start(command, OSError(errno.EACCES if found else errno.ENOENT, ""))


@contextlib.contextmanager
def survivor(
    command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """Start a program that goes on where we are killed; its input is a pipe that ends with us.

    It has no output, and none of our terminal's signals. The block's end waits for its own, which
    is for the program to see to: its input has ended.
    """
    nowhere = (subprocess.DEVNULL, subprocess.DEVNULL)
    with _started(command, _spare, environment=environment, output=nowhere) as process:
        yield process


def _spare(_process: Process) -> None:
    """Leave a program to itself."""


def _bound(command: Sequence[str | Path]) -> list[str | Path]:
    setpriv, shell = find("setpriv"), find("sh")
    # BusyBox's cannot ask for the signal; and a shell would read what is no program as a script.
    if setpriv and shell and setpriv.resolve().name == "setpriv" and is_native(Path(command[0])):
        asked: list[str | Path] = [setpriv, "--pdeathsig", "KILL", "--", shell, "-c"]
        return [*asked, _BOUND_BY_SHELL, "sh", str(os.getpid()), *command]
    return [sys.executable, "-I", "-S", "-c", _BOUND_TO_PARENT, str(os.getpid()), *command]


def is_native(path: Path) -> bool:
    """Return whether a file is a program for the machine that this interpreter was built for."""
    head, ours = _head(path), _head(Path(sys.executable))
    return head[:4] == _ELF and all(head[at] == ours[at] for at in (_ELF_KIND, _ELF_MACHINE))


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_ELF_MACHINE.stop)
    except OSError:
        return b""


def detached(command: Sequence[str | Path], *, output: int) -> Process:
    """Start a program that goes on without us, in a session of its own.

    ``output`` is the number of the open file that it writes to. Raises EnvironmentMissingError
    where it cannot be started.
    """
    try:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    except OSError as error:
        raise _cannot_start(command, error) from error


def end(process: Process) -> None:
    """End a program's whole group: politely, and after GRACE_SECONDS by force."""
    if process.poll() is not None:
        return
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal_number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
            return


def wait(process: Process, seconds: float) -> int | None:
    """Return a program's exit code (negative: the signal), None if it still runs after that."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    return process.returncode


def kill(process: Process) -> None:
    """End a program's whole group by force, at once."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _close_input(process: Process) -> None:
    if process.stdin:
        with contextlib.suppress(BrokenPipeError):  # what was not read is lost with its reader
            process.stdin.close()


def _cannot_start(command: Sequence[str | Path], error: OSError) -> EnvironmentMissingError:
    reason = os.strerror(error.errno) if error.errno else str(error)
    return EnvironmentMissingError(
        f"cannot start {command[0]}: {reason}",
        hint="`wasmctl doctor` shows what is installed and what is missing",
    )
