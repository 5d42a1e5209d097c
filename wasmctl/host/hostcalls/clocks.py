"""Clocks, which move when the host's user says so."""

from wasmctl.host.context import Context
from wasmctl.host.hostcall import U32, U64, HostcallError, hostcall, wasi

_REALTIME = 0
_MONOTONIC = 1
_NOT_SUPPORTED = 58


@hostcall
def proxy_get_current_time_nanoseconds(context: Context) -> U64:
    """Return nanoseconds since 1970."""
    return context.machine.shared.clock.nanoseconds


@wasi
def clock_time_get(context: Context, clock: U32, _precision: U64) -> U64:
    """Return the time of day, or since the start."""
    found = context.machine.shared.clock
    if clock == _REALTIME:
        return found.nanoseconds
    if clock == _MONOTONIC:
        return found.monotonic
    raise HostcallError(_NOT_SUPPORTED, f"there is no clock {clock}")


@wasi
def clock_res_get(_context: Context, clock: U32) -> U64:
    """Return the clocks' resolution: a nanosecond."""
    if clock in (_REALTIME, _MONOTONIC):
        return 1
    raise HostcallError(_NOT_SUPPORTED, f"there is no clock {clock}")
