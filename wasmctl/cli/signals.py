"""Signals that end a command, even where what their handlers raise is swallowed.

Python drops exceptions that are raised in its own callbacks (finalisers, hooks around a fork, the
weak references of every import), and libraries drop some in theirs. A signal that meets one of
these would be lost; so each is also noted, from the start, and a command that waits looks at the
notes.
"""

import signal
from types import FrameType
from typing import NoReturn

from wasmctl.errors import TerminatedError

_noted: list[int] = []


def install() -> None:
    """Let SIGTERM raise as Ctrl-C does, and note both; SIGINT stays ignored where it was."""
    signal.signal(signal.SIGTERM, _note)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _note)


def check() -> None:
    """Raise again for a signal that was noted."""
    if _noted:
        _raise(_noted.pop())


def _note(number: int, _frame: FrameType | None) -> None:
    _noted.append(number)
    _raise(number)


def _raise(number: int) -> NoReturn:
    # Raised wherever the program is, so that every `finally` on the way cleans up.
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise TerminatedError("terminated", hint="run the command again when ready")
