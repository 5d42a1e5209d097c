"""A plugin's timer: it calls the plugin once in a period, counted from the end of the last call.

Source: Envoy source/extensions/common/wasm/wasm.cc (``setTimerPeriod``, ``tickHandler``).
"""

from collections.abc import Callable

from wasmctl.host.loop import Loop, Timer

_MILLISECOND = 1_000_000


class Ticks:
    """The timer of one plugin; ``tick`` calls it, and says whether it can be called again."""

    def __init__(self, loop: Loop, tick: Callable[[], bool]) -> None:
        self._loop = loop
        self._tick = tick
        self._timer: Timer | None = None
        self.period = 0

    def set_period(self, milliseconds: int) -> None:
        """Begin a period now, whatever was left of the last; with 0 there are none any more."""
        self.stop()
        self.period = milliseconds
        if milliseconds:
            self._timer = self._loop.after(milliseconds * _MILLISECOND, self._fire)

    def stop(self) -> None:
        """Call nothing any more."""
        self.period = 0
        if self._timer is not None:
            self._timer.cancel()

    def _fire(self) -> None:
        if self._tick() and self.period:
            self.set_period(self.period)
