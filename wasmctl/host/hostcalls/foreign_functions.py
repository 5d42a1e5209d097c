"""Foreign functions, Envoy's own extensions."""

# ruff: noqa: ARG001 - declared, so that modules link; what it does is still to come

from wasmctl.host.context import Context
from wasmctl.host.hostcall import U32, UnimplementedError, hostcall


@hostcall
def proxy_call_foreign_function(
    context: Context, name: bytes, argument: bytes, result_at: U32, size_at: U32
) -> None:
    """Call a function of the proxy's by its name."""
    raise UnimplementedError


@hostcall
def envoy_resolve_dns(context: Context, name: bytes) -> U32:
    """Look up a name's addresses."""
    raise UnimplementedError
