"""How a host's machines are entered: one entry at a time, within its limits of fuel and time.

An entry is one thing that happens: a plugin's start, an exchange as far as it goes, a timer. What
happens within an entry belongs to it, whichever machine it runs in.
"""

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from wasmctl.host.engine import Limits, Runtime

_FRAMES = 200  # an exchange goes about 60 deep, and 10 more for each plugin behind the first
_Result = TypeVar("_Result")


class SignalledError(BaseException):
    """A signal ended the guest; `Entrance.enter` raises it again on its way out."""


class Machine(Protocol):
    """What is entered."""

    def begin(self) -> None:
        """Give the guest the fuel it may use until `finish`.

        From now on it can be interrupted, and by nothing that happened before.
        """

    def finish(self) -> None:
        """Count what it used."""


class Entrance:
    """The way into the machines of one host."""

    def __init__(self, runtime: "Runtime", limits: "Limits") -> None:
        self._runtime = runtime
        self._limits = limits
        self._machines: list[Machine] = []
        self._is_inside = False

    def add(self, machine: Machine) -> None:
        """Let one more machine be entered, from now on."""
        self._machines.append(machine)
        if self._is_inside:
            machine.begin()

    def remove(self, machine: Machine) -> None:
        """Enter a machine no more."""
        if self._is_inside:
            machine.finish()
        self._machines.remove(machine)

    def enter(self, work: Callable[[], _Result]) -> _Result:
        """Run ``work``, which calls guests, within the limits of one entry."""
        if self._is_inside:
            return work()
        runtime = self._runtime
        if threading.get_ident() != runtime.thread:
            raise RuntimeError("a host belongs to the thread that started it")
        _check_headroom()
        self._is_inside = True
        for machine in self._machines:
            machine.begin()
        try:
            runtime.interrupter.enter(self._limits.seconds, self._limits.growth)
            return work()
        except SignalledError:
            raise KeyboardInterrupt from None  # where the signal's own handler raises nothing
        finally:
            self._is_inside = False
            for machine in self._machines:
                machine.finish()
            runtime.interrupter.leave()


def _check_headroom() -> None:
    """Refuse to begin where Python's stack might end inside a hostcall.

    A RecursionError that is raised before a hostcall's first line takes the process down.
    """
    try:
        sys._getframe(sys.getrecursionlimit() - _FRAMES)  # noqa: SLF001 - nothing else is as quick
    except ValueError:
        return
    raise RecursionError(f"a plugin needs some {_FRAMES} frames of Python's stack")
