"""The timer hostcall, in the machine's virtual time."""

import pytest

from tests.host.conftest import Start
from tests.host.plugins import UNREACHABLE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages

MILLISECOND = 1_000_000
SAY: Statement = ("proxy_log", 2, b"tick")


def period(milliseconds: int) -> Statement:
    return ("?proxy_set_tick_period_milliseconds", milliseconds)


def test_a_plugin_ticks_in_its_period(start: Start) -> None:
    host = start(plugin({"configure": [period(10)], "tick": [SAY]}))

    host.advance(39 * MILLISECOND)

    assert texts(host) == ["00", "tick", "tick", "tick"]


def test_no_request_makes_it_tick(start: Start) -> None:
    host = start(plugin({"configure": [period(10)], "tick": [SAY]}))

    host.http(messages.request("/"))

    assert texts(host) == ["00"]


@pytest.mark.parametrize(("again", "ticks"), [(0, 1), (20, 2)])
def test_a_tick_may_change_the_period(start: Start, again: int, ticks: int) -> None:
    host = start(plugin({"configure": [period(10)], "tick": [period(again)]}))

    host.advance(30 * MILLISECOND)

    assert texts(host) == ["00"] * (1 + ticks)


def test_a_stream_sets_its_plugins_timer(start: Start) -> None:
    host = start(plugin({"request_headers": [period(10)], "tick": [SAY]}))

    host.http(messages.request("/"))
    host.advance(10 * MILLISECOND)

    assert texts(host) == ["00", "tick"]


def test_a_trap_in_a_tick_is_the_last(start: Start) -> None:
    host = start(plugin({"configure": [period(10)], "tick": [SAY, UNREACHABLE]}))

    host.advance(100 * MILLISECOND)

    assert texts(host) == ["00", "tick"]
    assert host.trap
    assert host.trap.callback == "proxy_on_tick"


def test_a_host_that_is_closed_ticks_no_more(start: Start) -> None:
    host = start(plugin({"configure": [period(10)], "tick": [SAY]}))

    host.close()
    host.advance(100 * MILLISECOND)

    assert texts(host) == ["00"]
