"""Metrics: ids, values, refusals."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from wasmctl.abi.types import MetricType, Status
from wasmctl.host.hostcall import HostcallError
from wasmctl.host.metrics import Metrics

COUNTER, GAUGE, HISTOGRAM = MetricType


@contextmanager
def refused(status: Status) -> Iterator[None]:
    with pytest.raises(HostcallError) as raised:
        yield
    assert raised.value.status == status


def test_ids_tell_the_type_and_are_never_the_same() -> None:
    metrics = Metrics()

    ids = [metrics.define(kind, "m") for kind in (COUNTER, COUNTER, GAUGE, GAUGE, HISTOGRAM)]

    assert ids == [4, 8, 5, 9, 6]


def test_a_counter_defined_again_goes_on() -> None:
    metrics = Metrics()
    metrics.increment(metrics.define(COUNTER, "m"), 2)

    again = metrics.define(COUNTER, "m")
    metrics.increment(again, 3)

    assert metrics.get(again) == 5
    assert metrics.values == {"m": 5}


def test_recording_adds_to_a_counter_and_sets_a_gauge() -> None:
    metrics = Metrics()
    counter, gauge = metrics.define(COUNTER, "c"), metrics.define(GAUGE, "g")

    for _ in range(2):
        metrics.record(counter, 7)
        metrics.record(gauge, 7)

    assert metrics.values == {"c": 14, "g": 7}


def test_counters_are_told_from_the_others() -> None:
    metrics = Metrics()

    for kind in (COUNTER, GAUGE, HISTOGRAM):
        metrics.record(metrics.define(kind, kind.name), 2)

    assert metrics.counters == {"COUNTER": 2}
    assert metrics.values == {"COUNTER": 2, "GAUGE": 2, "HISTOGRAM": 1}


def test_a_gauge_below_zero_wraps_around() -> None:
    metrics = Metrics()
    gauge = metrics.define(GAUGE, "g")

    metrics.increment(gauge, -1)

    assert metrics.get(gauge) == 2**64 - 1


def test_a_histogram_counts_its_samples() -> None:
    metrics = Metrics()
    histogram = metrics.define(HISTOGRAM, "h")

    metrics.record(histogram, 100)
    metrics.record(histogram, 200)

    assert metrics.values == {"h": 2}


@pytest.mark.parametrize("offset", [0, -1])
def test_a_counter_only_grows(offset: int) -> None:
    metrics = Metrics()
    counter = metrics.define(COUNTER, "c")

    with refused(Status.BAD_ARGUMENT):
        metrics.increment(counter, offset)


@pytest.mark.parametrize("identity", [6, 3, 7])
def test_histograms_and_types_that_are_none_have_no_single_value(identity: int) -> None:
    metrics = Metrics()
    metrics.define(HISTOGRAM, "h")

    with refused(Status.BAD_ARGUMENT):
        metrics.increment(identity, 1)
    with refused(Status.BAD_ARGUMENT):
        metrics.get(identity)


@pytest.mark.parametrize("identity", [0, 1, 4, 5, 2**32 - 4])
def test_an_unknown_counter_or_gauge_is_unknown(identity: int) -> None:
    metrics = Metrics()

    with refused(Status.NOT_FOUND):
        metrics.increment(identity, 1)
    with refused(Status.NOT_FOUND):
        metrics.get(identity)


@pytest.mark.parametrize("identity", [3, 4, 5, 6, 7])
def test_recording_something_unknown_says_so_whatever_its_type(identity: int) -> None:
    with refused(Status.NOT_FOUND):
        Metrics().record(identity, 1)
