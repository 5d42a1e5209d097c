"""How guest code that does not end is ended: by wall time, by memory, and by signals as Ctrl-C.

Each bumps the engine's epoch, which makes the guest trap at its next loop or call. A thread does
it, because the main thread is inside the guest: it wakes when a deadline passes and when a signal
arrives (the interpreter writes the signal's number to its pipe). Now and then it looks how large
this process has become: messages, headers, queues and the like are kept by the host, and a guest
can fill memory with them much faster than time runs out.

While a guest runs on the main thread, the handlers of signals that Python would handle are
swapped for one that only takes note. Otherwise an exception such as KeyboardInterrupt could be
raised inside a hostcall before its first line, where nothing can catch it. When the guest is
out, the handlers are put back and the signals are raised again, for whoever handles them.
"""

import _signal  # type: ignore[import-not-found] # `signal` wraps each of these in 2 µs of enums
import contextlib
import mmap
import os
import select
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
_TICK_MILLISECONDS = 50
_PATIENT_TICKS = 40
_WAKE = b"\0"


class Interrupter:
    """One thread's means of ending its guest; ``bump`` moves the epoch of its engine.

    Attributes:
        deadline: when the current entry must be over, by the monotonic clock.
        pending: signals that arrived during it.
        has_outgrown: whether this process has grown by more than the entry may.

    """

    def __init__(self, bump: Callable[[], None]) -> None:
        self.bump = bump
        self.pending: list[int] = []
        self.deadline = 0.0
        self.has_outgrown = False
        self._growth = 0
        self._base: int | None = None
        self._is_main = threading.current_thread() is threading.main_thread()
        self._found: tuple[object, ...] = ()
        self._handled: dict[int, object] = {}  # those of them that Python handles
        self._handlers: dict[int, object] = {}
        self._noting = self._note  # a bound method is a new object each time
        self._wakeup = -1

    def enter(self, seconds: float, growth: int) -> None:
        """Begin to watch: a guest is about to run for at most ``seconds``.

        Meanwhile this process may become larger by ``growth`` bytes.
        `leave` must follow, even where this was interrupted halfway.
        """
        self.pending.clear()
        self.deadline = time.monotonic() + seconds
        self.has_outgrown = False
        self._growth = growth
        self._base = None
        dog = _dog()
        if self._is_main:
            self._wakeup = _signal.set_wakeup_fd(dog.pipe, warn_on_full_buffer=False)
            found = tuple(map(_signal.getsignal, _SIGNALS))
            if found != self._found:
                handlers = zip(_SIGNALS, found, strict=True)
                self._handled = {number: each for number, each in handlers if callable(each)}
                self._found = found
            self._handlers = self._handled
            for number in self._handlers:
                _signal.signal(number, self._noting)
        dog.watch(self)

    def leave(self) -> None:
        """End to watch, and raise again the signals that arrived."""
        _dog().forget(self)
        if self._is_main:
            for number, handler in self._handlers.items():
                _signal.signal(number, handler)
            self._handlers = {}
            _signal.set_wakeup_fd(self._wakeup)
        if self.pending:
            _dog().drain()  # else their numbers, still in the pipe, would stop the next guest
        for number in self.pending:
            signal.raise_signal(number)

    def takes(self, signals: set[int]) -> bool:
        """Whether one of the signals is this thread's to note."""
        return not signals.isdisjoint(self._handlers)

    def look(self, now: float, size: int) -> None:
        """End the guest if its time is over, or this process, which is so large, has outgrown."""
        if self._base is None:
            self._base = size
        self.has_outgrown = self.has_outgrown or size > self._base + self._growth
        if self.has_outgrown or now >= self.deadline:
            self.bump()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.pending.append(number)
        self.bump()


class _Watchdog:
    """The thread, asleep while no guest has run for some time."""

    def __init__(self) -> None:
        self._watched: set[Interrupter] = set()
        self._lock = threading.Lock()
        self._asleep = False
        self._reader, self.pipe = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self.pipe, False)
        self.thread = threading.Thread(target=self._run, name="wasmctl-watchdog", daemon=True)
        self.thread.start()

    def watch(self, interrupter: Interrupter) -> None:
        with self._lock:
            self._watched.add(interrupter)
        if self._asleep:
            self._asleep = False
            os.write(self.pipe, _WAKE)

    def forget(self, interrupter: Interrupter) -> None:
        with self._lock:
            self._watched.discard(interrupter)

    def drain(self) -> None:
        with self._lock:
            self._drain()

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._reader, select.POLLIN)
        idle = 0
        while True:
            # In this order: whoever finds it awake has already added what is looked at next.
            self._asleep = idle >= _PATIENT_TICKS
            if self._watched:
                self._asleep = False
            poll.poll(None if self._asleep else _TICK_MILLISECONDS)
            idle = 0 if self._look() else idle + 1

    def _look(self) -> bool:
        with self._lock:
            signals = set(self._drain())
            now = time.monotonic()
            size = _resident() if self._watched else 0
            for interrupter in self._watched:
                interrupter.look(now, size)
                if interrupter.takes(signals):
                    interrupter.bump()
            return bool(self._watched)

    def _drain(self) -> bytes:
        with contextlib.suppress(BlockingIOError):
            return os.read(self._reader, 4096)
        return b""


def _resident() -> int:
    """Return how many bytes of memory this process occupies; 0 where nobody can tell."""
    with contextlib.suppress(OSError), Path("/proc/self/statm").open("rb") as file:
        return int(file.read().split()[1]) * mmap.PAGESIZE
    return 0


_dogs: list[_Watchdog] = []
os.register_at_fork(after_in_child=_dogs.clear)  # the thread does not live on in a child


def _dog() -> _Watchdog:
    if not _dogs:
        _dogs.append(_Watchdog())
    return _dogs[0]
