from wasmctl.host.clock import Clock
from wasmctl.host.loop import Loop
from wasmctl.host.ticks import Ticks

MILLISECOND = 1_000_000


def test_a_period_begins_when_the_tick_before_is_over() -> None:
    clock = Clock()
    loop = Loop(clock)
    began = clock.nanoseconds
    times: list[int] = []

    def tick() -> bool:
        times.append((clock.nanoseconds - began) // MILLISECOND)
        clock.advance(5 * MILLISECOND)
        return True

    Ticks(loop, tick).set_period(10)
    loop.advance(50 * MILLISECOND)

    assert times == [10, 25, 40]


def test_a_new_period_replaces_what_is_left_of_the_old() -> None:
    clock = Clock()
    loop = Loop(clock)
    times: list[int] = []

    def tick() -> bool:
        times.append(clock.monotonic // MILLISECOND - 1000)
        return True

    ticks = Ticks(loop, tick)
    ticks.set_period(10)
    loop.advance(9 * MILLISECOND)
    ticks.set_period(20)
    loop.advance(50 * MILLISECOND)

    assert times == [29, 49]


def test_without_a_period_nothing_ticks() -> None:
    loop = Loop(Clock())
    ticks = Ticks(loop, lambda: True)

    ticks.set_period(10)
    ticks.set_period(0)

    assert loop.next_due is None


def test_a_tick_may_end_the_ticks() -> None:
    loop = Loop(Clock())

    def tick() -> bool:
        ticks.stop()
        return True

    ticks = Ticks(loop, tick)
    ticks.set_period(10)
    loop.advance(10 * MILLISECOND)

    assert loop.next_due is None


def test_a_plugin_that_has_failed_is_not_called_again() -> None:
    loop = Loop(Clock())

    Ticks(loop, lambda: False).set_period(10)
    loop.advance(10 * MILLISECOND)

    assert loop.next_due is None
