"""Metrics."""

from wasmctl.abi.types import MetricType
from wasmctl.host.context import Context
from wasmctl.host.hostcall import I64, U32, U64, hostcall


@hostcall
def proxy_define_metric(context: Context, metric_type: MetricType, name: bytes) -> U32:
    """Return an id for a metric; each call makes a new one, on the same value."""
    return context.machine.metrics.define(metric_type, name.decode(errors="replace"))


@hostcall
def proxy_increment_metric(context: Context, metric: U32, offset: I64) -> None:
    """Change a counter or a gauge."""
    context.machine.metrics.increment(metric, offset)


@hostcall
def proxy_record_metric(context: Context, metric: U32, value: U64) -> None:
    """Add to a counter, set a gauge, give a histogram a sample."""
    context.machine.metrics.record(metric, value)


@hostcall
def proxy_get_metric(context: Context, metric: U32) -> U64:
    """Return the value of a counter or a gauge."""
    return context.machine.metrics.get(metric)
