"""HTTP calls: requests of the plugin's own.

Source: Envoy source/extensions/common/wasm/context.cc (``httpCall``); proxy-wasm-cpp-host
``src/exports.cc``, which writes the token even of a call that is refused.
"""

from wasmctl.abi.types import Status
from wasmctl.host.clusters import outgoing
from wasmctl.host.context import Context
from wasmctl.host.hostcall import I32, U32, HostcallError, Pairs, hostcall

_NO_TOKEN = 0


@hostcall
def proxy_http_call(
    context: Context,
    upstream: bytes,
    headers: Pairs,
    body: bytes,
    _trailers: Pairs,
    timeout_milliseconds: I32,
    token_at: U32,
) -> None:
    """Send a request of the plugin's own; its root hears of the response, by the token."""
    memory = context.machine.vm.memory
    try:
        token = _call(context, upstream, headers, body, timeout_milliseconds)
    except HostcallError:
        memory.write_u32(token_at, _NO_TOKEN)
        raise
    memory.write_u32(token_at, token)


def _call(context: Context, upstream: bytes, headers: Pairs, body: bytes, timeout: int) -> int:
    machine, plugin = context.machine, context.plugin
    callouts, cluster = machine.shared.callouts, upstream.decode(errors="backslashreplace")
    if timeout < 0:
        reason = f"the timeout of {timeout} milliseconds is negative"
        raise HostcallError(Status.BAD_ARGUMENT, reason)
    callouts.check(cluster)
    message, milliseconds = outgoing(headers, body, timeout)
    if plugin is None:
        raise HostcallError(Status.BAD_ARGUMENT, "no plugin is here to hear of the response")
    token = machine.next_http_call()
    callouts.send(plugin, cluster, message, timeout=milliseconds, token=token)
    return token
