"""The order of events of one Envoy worker: what is posted runs soon, what is timed when it is due.

Callout replies, queue notices, ticks and late answers all come through here, so that a run can be
repeated exactly. Source: Envoy's event dispatcher; two timers due at once fire in the order in
which they were armed.
"""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from wasmctl.host.clock import Clock

Action = Callable[[], None]


@dataclass(order=True)
class Timer:
    """An action and when it is due, in nanoseconds since 1970; it may be cancelled until then."""

    due: int
    number: int
    action: Action | None = field(compare=False)

    def cancel(self) -> None:
        """Forget the action."""
        self.action = None


class Loop:
    """Events in their order, by the clock that is told."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._posted: deque[Action] = deque()
        self._timers: list[Timer] = []
        self._numbers = count()

    @property
    def now(self) -> int:
        """Nanoseconds since 1970."""
        return self._clock.nanoseconds

    def post(self, action: Action) -> None:
        """Run an action soon: after what runs now, and after all that was posted before."""
        self._posted.append(action)

    def after(self, nanoseconds: int, action: Action) -> Timer:
        """Run an action when so much time has passed."""
        timer = Timer(self._clock.nanoseconds + nanoseconds, next(self._numbers), action)
        heapq.heappush(self._timers, timer)
        return timer

    def run(self) -> None:
        """Run what is posted, and what that posts; time stands still."""
        while self._posted:
            self._posted.popleft()()

    @property
    def next_due(self) -> int | None:
        """When the next timer is due; None where there is none."""
        while self._timers and self._timers[0].action is None:
            heapq.heappop(self._timers)
        return self._timers[0].due if self._timers else None

    def step(self, until: int) -> bool:
        """Move time to the next timer and fire it, if it is due by then; say whether there was."""
        due = self.next_due
        if due is None or due > until:
            return False
        timer = heapq.heappop(self._timers)
        self._clock.advance(max(0, due - self._clock.nanoseconds))
        if timer.action is not None:
            timer.action()
        self.run()
        return True

    def advance(self, nanoseconds: int) -> None:
        """Let time pass: fire each timer at its time, and arrive where it was meant to."""
        until = self._clock.nanoseconds + nanoseconds
        self.run()
        while self.step(until):
            pass
        self._clock.advance(until - self._clock.nanoseconds)
