"""How long a registry is waited for, and what is worth asking again."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from wasmctl.errors import WasmctlError

_Result = TypeVar("_Result")


class TransientError(Exception):
    """A failure that may pass: what to tell the user if it does not.

    Attributes:
        retry_after: seconds the registry asked to be left alone, or None.

    """

    def __init__(self, error: WasmctlError, retry_after: float | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.retry_after = retry_after


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Limits for one attempt, and pauses before each further one.

    Attempts end when ``budget`` seconds would be passed. A registry that has never answered is
    asked only once more: a wrong name or port is likelier than a registry that is just starting.
    ``now`` and ``sleep`` are the clock.
    """

    connect_seconds: float = 5.0
    silent_seconds: float = 30.0

    delays: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0)
    delays_unanswered: tuple[float, ...] = (0.5,)
    # With the time the last attempt takes to connect, about 15 seconds in all.
    budget: float = 10.0
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def persist(
        self,
        operation: Callable[[], _Result],
        *,
        has_answered: Callable[[], bool],
        on_wait: Callable[[str], None],
    ) -> _Result:
        """Run ``operation``, again after each TransientError while patience lasts.

        The operation must be one that can be repeated as a whole. ``on_wait`` gets a line before
        each pause. Raises the WasmctlError inside the last TransientError.
        """
        start, attempt = self.now(), 0
        while True:
            try:
                return operation()
            except TransientError as failure:
                pause = self._pause(failure, attempt, answered=has_answered())
                if pause is None or self.now() - start + pause > self.budget:
                    raise failure.error from failure
                on_wait(f"{failure.error.message}: trying again in {pause:g} s")
                self.sleep(pause)
                attempt += 1

    def _pause(self, failure: TransientError, attempt: int, *, answered: bool) -> float | None:
        delays = self.delays if answered else self.delays_unanswered
        if attempt >= len(delays):
            return None
        return delays[attempt] if failure.retry_after is None else failure.retry_after
