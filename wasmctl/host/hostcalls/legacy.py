"""What ABI 0.1.0 had and 0.2.0 dropped (specification, CHANGELOG)."""

from wasmctl.abi.types import StreamType
from wasmctl.host.context import Context, HttpContext, PluginContext
from wasmctl.host.hostcall import hostcall


@hostcall
def proxy_get_configuration(context: Context) -> bytes:
    """Return the plugin's configuration while it may be read, else the machine's."""
    if isinstance(context, PluginContext) and context.reads_configuration:
        return context.configuration
    return context.machine.configuration


@hostcall
def proxy_continue_request(context: Context) -> None:
    """Let a paused request go on."""
    if isinstance(context, HttpContext):
        context.resume(StreamType.REQUEST)


@hostcall
def proxy_continue_response(context: Context) -> None:
    """Let a paused response go on."""
    if isinstance(context, HttpContext):
        context.resume(StreamType.RESPONSE)


@hostcall
def proxy_clear_route_cache(_context: Context) -> None:
    """Choose the route anew: there is only one."""
