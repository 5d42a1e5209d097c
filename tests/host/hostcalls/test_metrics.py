"""Metric hostcalls: their statuses."""

import pytest

from tests.host.conftest import Start
from tests.host.plugins import Statement, plugin
from tests.host.texts import texts

COUNTER, GAUGE, HISTOGRAM = range(3)
IDS = {COUNTER: 4, GAUGE: 5, HISTOGRAM: 6}


@pytest.mark.parametrize(
    ("kind", "increment", "record", "get"),
    [(COUNTER, "00", "00", "00"), (GAUGE, "00", "00", "00"), (HISTOGRAM, "02", "00", "02")],
)
def test_a_metric_allows_what_its_type_does(
    start: Start, kind: int, increment: str, record: str, get: str
) -> None:
    calls: list[Statement] = [
        ("?proxy_define_metric", kind, b"m", 16),
        ("?proxy_increment_metric", IDS[kind], 1),
        ("?proxy_record_metric", IDS[kind], 1),
        ("?proxy_get_metric", IDS[kind], 16),
    ]
    host = start(plugin({"configure": calls}))

    assert texts(host) == ["00", increment, record, get]


@pytest.mark.parametrize(
    ("identity", "increment", "record", "get"),
    [(4, "01", "01", "01"), (5, "01", "01", "01"), (6, "02", "01", "02"), (7, "02", "01", "02")],
)
def test_an_unknown_metric_is_refused_by_its_type(
    start: Start, identity: int, increment: str, record: str, get: str
) -> None:
    calls: list[Statement] = [
        ("?proxy_increment_metric", identity, 1),
        ("?proxy_record_metric", identity, 1),
        ("?proxy_get_metric", identity, 16),
    ]
    host = start(plugin({"configure": calls}))

    assert texts(host) == [increment, record, get]


def test_an_unknown_type_is_a_bad_argument(start: Start) -> None:
    host = start(plugin({"configure": [("?proxy_define_metric", 3, b"m", 16)]}))

    assert texts(host) == ["02"]


@pytest.mark.parametrize("offset", [0, -1])
def test_a_counter_only_grows(start: Start, offset: int) -> None:
    calls: list[Statement] = [
        ("proxy_define_metric", COUNTER, b"m", 16),
        ("?proxy_increment_metric", 4, offset),
    ]
    host = start(plugin({"configure": calls}))

    assert texts(host) == ["02"]
    assert host.metrics == {"m": 0}


def test_a_gauge_wraps_below_zero(start: Start) -> None:
    calls: list[Statement] = [
        ("proxy_define_metric", GAUGE, b"m", 16),
        ("?proxy_increment_metric", 5, -1),
    ]
    host = start(plugin({"configure": calls}))

    assert texts(host) == ["00"]
    assert host.metrics == {"m": 2**64 - 3}  # a plugin is started thrice
