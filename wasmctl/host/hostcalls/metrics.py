"""Metrics."""

from wasmctl.abi.types import MetricType, Status
from wasmctl.host.context import Context
from wasmctl.host.hostcall import I64, U32, U64, HostcallError, hostcall


@hostcall
def proxy_define_metric(context: Context, metric_type: U32, name: bytes) -> U32:
    """Return an id for a metric; each call makes a new one, on the same value.

    The type is a number here: unlike elsewhere, Envoy looks at it after the name's address.
    """
    if metric_type not in list(MetricType):
        raise HostcallError(Status.BAD_ARGUMENT, f"there is no metric type {metric_type}")
    kind = MetricType(metric_type)
    return context.machine.metrics.define(kind, name.decode(errors="replace"))


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
