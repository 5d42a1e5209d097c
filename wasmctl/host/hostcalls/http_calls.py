"""HTTP calls."""

# ruff: noqa: ARG001 - declared, so that modules link; what it does is still to come

from wasmctl.host.context import Context
from wasmctl.host.hostcall import U32, Pairs, UnimplementedError, hostcall


@hostcall
def proxy_http_call(
    context: Context,
    upstream: bytes,
    headers: Pairs,
    body: bytes,
    trailers: Pairs,
    timeout_milliseconds: U32,
) -> U32:
    """Send a request of the plugin's own."""
    raise UnimplementedError
