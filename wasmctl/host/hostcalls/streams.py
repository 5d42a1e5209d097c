"""Common stream operations.

Source: proxy-wasm-cpp-host ``src/exports.cc``; Envoy source/extensions/common/wasm/context.cc
(``continueStream``, ``closeStream``). Both take effect when the callback is over.
"""

from wasmctl.abi.types import Status, StreamType
from wasmctl.host.context import Context, HttpContext
from wasmctl.host.hostcall import U32, HostcallError, hostcall

_OF_HTTP = (StreamType.REQUEST, StreamType.RESPONSE)


@hostcall
def proxy_continue_stream(context: Context, stream_type: StreamType) -> None:
    """Let a paused stream go on; an HTTP request's maps and body are out of sight at once."""
    if stream_type is StreamType.UPSTREAM:
        raise HostcallError(Status.UNIMPLEMENTED, "no host continues the UPSTREAM")
    if isinstance(context, HttpContext):
        context.resume(stream_type)


@hostcall
def proxy_close_stream(context: Context, stream_type: StreamType) -> None:
    """Reset an HTTP stream."""
    if isinstance(context, HttpContext) and stream_type in _OF_HTTP:
        context.reset()


@hostcall
def proxy_get_status(context: Context) -> tuple[U32, bytes]:
    """Return how the plugin's last failed callout failed; the message only while it is told."""
    return context.plugin.status if context.plugin is not None else (0, b"")
