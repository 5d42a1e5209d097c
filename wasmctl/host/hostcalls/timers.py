"""Timers."""

# ruff: noqa: ARG001 - declared, so that modules link; what it does is still to come

from wasmctl.host.context import Context
from wasmctl.host.hostcall import U32, UnimplementedError, hostcall


@hostcall
def proxy_set_tick_period_milliseconds(context: Context, period: U32) -> None:
    """Call the plugin every ``period`` milliseconds."""
    raise UnimplementedError
