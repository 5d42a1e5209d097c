"""Timers."""

from wasmctl.host.context import Context
from wasmctl.host.hostcall import U32, hostcall


@hostcall
def proxy_set_tick_period_milliseconds(context: Context, period: U32) -> None:
    """Call the plugin every ``period`` milliseconds from now on; 0 ends it."""
    if context.plugin is not None:
        context.plugin.ticks.set_period(period)
