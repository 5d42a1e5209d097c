"""Compiling in a child process, so that a hostile module cannot hurt the host.

Some modules take the compiler minutes and gigabytes, which neither fuel nor epochs limit, or might
take it down. The child, compiler.py, works within limits that the system enforces; it is started
when something is first compiled (50 ms) and stays for the next module, so that many small ones
cost little more than here. It ends when the pipe to it is closed, which the end of this process
does, too.

The host is a library of its own, so it starts this one program by itself.
"""

import contextlib
import math
import os
import select
import signal
import sys
import tempfile
import time
import weakref
from typing import IO

from wasmctl.host import compiler
from wasmctl.host.compiler import ANSWER, COMPILED, REQUEST

_START = """
import runpy, sys
sys.path[:] = sys.argv[2:]
runpy.run_path(sys.argv[1], run_name="__main__")
"""
# The processor time is what counts. This ends a child that waits for what never comes.
_PATIENCE = 10
_MOST_BYTES = 1 << 20


class CompileError(Exception):
    """The engine refuses the module; the message is its own."""


class CompileLimitError(CompileError):
    """Compiling the module takes more than is allowed, or ends the compiler."""


class Compiler:
    """Compiles in a child, which is started when it is first needed."""

    def __init__(self) -> None:
        self._child: _Child | None = None

    def compile(self, content: bytes, *, seconds: float, memory: int) -> bytes:
        """Return a module's machine code.

        Args:
            content: the module.
            seconds: of processor time.
            memory: bytes that the child may use.

        Raises CompileError where the engine refuses, CompileLimitError.

        """
        try:
            child = self._running()
        except OSError as error:
            raise CompileLimitError(f"the compiler cannot be started: {error}") from error
        limits = math.ceil(seconds), memory
        try:
            kind, answer = child.ask(content, *limits)
        except EOFError:
            self._child = None
            raise CompileLimitError(child.last_words(*limits)) from None
        except BaseException:
            self._child = None
            child.kill()
            raise
        if kind != COMPILED:
            raise CompileError(answer.decode(errors="replace"))
        return answer

    def _running(self) -> "_Child":
        """Return the child; after a fork it is another's."""
        if self._child is None or self._child.owner != os.getpid():
            self._child = _Child()
        return self._child


class _Child:
    def __init__(self) -> None:
        self.owner = os.getpid()
        self._is_late = False
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the child
        theirs, self._requests = os.pipe()
        self._answers, ours = os.pipe()
        self._pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", "-S", "-c", _START, compiler.__file__, *sys.path],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, theirs, 0),
                (os.POSIX_SPAWN_DUP2, ours, 1),
                (os.POSIX_SPAWN_DUP2, self._words.fileno(), 2),
            ],
            # Ctrl-C is for this process, which then ends the child.
            setsigmask=[signal.SIGINT],
        )
        os.close(theirs)
        os.close(ours)
        places = (self._requests, self._answers)
        self._end = weakref.finalize(self, _end, self.owner, self._pid, places, self._words)

    def ask(self, content: bytes, seconds: int, memory: int) -> tuple[int, bytes]:
        """Let it compile; raises EOFError where it dies."""
        deadline = time.monotonic() + seconds * _PATIENCE
        try:
            _write(self._requests, REQUEST.pack(len(content), seconds, memory))
            _write(self._requests, content)
        except BrokenPipeError:
            raise EOFError from None
        kind, size = ANSWER.unpack(self._read(ANSWER.size, deadline))
        return kind, self._read(size, deadline)

    def _read(self, size: int, deadline: float) -> bytes:
        parts = []
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        while size:
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                self._is_late = True
                os.kill(self._pid, signal.SIGKILL)
            part = os.read(self._answers, min(size, _MOST_BYTES))
            if not part:
                raise EOFError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def last_words(self, seconds: int, memory: int) -> str:
        """Say what it died of."""
        _, status = os.waitpid(self._pid, 0)
        self._words.seek(0)
        words = self._words.read().decode(errors="replace").strip()
        self._end.detach()
        _close(self._requests, self._answers, self._words)
        ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        if self._is_late or ended_by == signal.SIGXCPU:
            return f"compiling it takes more than {seconds} s of processor time"
        if "memory allocation" in words or "MemoryError" in words:
            return f"compiling it takes more than {memory >> 20} MiB of memory"
        last = words.splitlines()[-1] if words else f"signal {ended_by}"
        return f"the compiler died of it: {last}"

    def kill(self) -> None:
        """End it."""
        self._end()


def _write(place: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(place, rest) :]


def _end(owner: int, pid: int, places: tuple[int, int], words: IO[bytes]) -> None:
    _close(*places, words)
    if owner == os.getpid():
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _close(requests: int, answers: int, words: IO[bytes]) -> None:
    os.close(requests)
    os.close(answers)
    words.close()
