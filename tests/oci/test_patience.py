from collections.abc import Callable

import pytest

from wasmctl.errors import NetworkError
from wasmctl.oci.patience import Patience, TransientError


class _Clock:
    """A clock that moves by sleeping, and by what an operation takes."""

    def __init__(self) -> None:
        self.time = 0.0
        self.pauses: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += seconds


def _failing(
    clock: _Clock, *, times: int, seconds: float = 0.0, retry_after: float | None = None
) -> Callable[[], str]:
    attempts = iter(range(times))

    def operation() -> str:
        clock.time += seconds
        if next(attempts, None) is not None:
            raise TransientError(NetworkError("no answer", hint="wait"), retry_after)
        return "done"

    return operation


def _persist(clock: _Clock, operation: Callable[[], str], *, answered: bool = True) -> str:
    patience = Patience(now=clock.now, sleep=clock.sleep)
    return patience.persist(operation, has_answered=lambda: answered, on_wait=lambda _line: None)


def test_what_passes_is_tried_again_after_growing_pauses() -> None:
    clock = _Clock()

    assert _persist(clock, _failing(clock, times=4)) == "done"
    assert clock.pauses == [0.5, 1.0, 2.0, 4.0]


def test_the_failure_itself_comes_out_in_the_end() -> None:
    clock = _Clock()

    with pytest.raises(NetworkError, match="no answer"):
        _persist(clock, _failing(clock, times=99))

    assert len(clock.pauses) == 4


def test_a_registry_that_never_answered_is_asked_once_more() -> None:
    clock = _Clock()

    with pytest.raises(NetworkError):
        _persist(clock, _failing(clock, times=99), answered=False)

    assert clock.pauses == [0.5]


def test_a_dead_registry_costs_fifteen_seconds_at_most() -> None:
    clock = _Clock()

    with pytest.raises(NetworkError):
        _persist(clock, _failing(clock, times=99, seconds=5.0))

    assert clock.time <= 15


def test_the_registry_may_say_how_long_to_wait() -> None:
    clock = _Clock()

    assert _persist(clock, _failing(clock, times=1, retry_after=3.0)) == "done"
    assert clock.pauses == [3.0]


def test_a_wait_beyond_all_patience_is_not_begun() -> None:
    clock = _Clock()

    with pytest.raises(NetworkError):
        _persist(clock, _failing(clock, times=1, retry_after=60.0))

    assert clock.pauses == []


def test_each_wait_is_announced() -> None:
    clock, lines = _Clock(), list[str]()
    patience = Patience(now=clock.now, sleep=clock.sleep)

    patience.persist(_failing(clock, times=1), has_answered=lambda: True, on_wait=lines.append)

    assert lines == ["no answer: trying again in 0.5 s"]
