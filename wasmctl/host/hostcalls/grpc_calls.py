"""gRPC calls."""

# ruff: noqa: ARG001 - declared, so that modules link; what it does is still to come

from wasmctl.host.context import Context
from wasmctl.host.hostcall import U32, Pairs, UnimplementedError, hostcall


@hostcall
def proxy_grpc_call(
    context: Context,
    service: bytes,
    service_name: bytes,
    method: bytes,
    initial_metadata: Pairs,
    message: bytes,
    timeout_milliseconds: U32,
) -> U32:
    """Make a call with one message each way."""
    raise UnimplementedError


@hostcall
def proxy_grpc_stream(
    context: Context, service: bytes, service_name: bytes, method: bytes, initial_metadata: Pairs
) -> U32:
    """Open a call with many messages."""
    raise UnimplementedError


@hostcall
def proxy_grpc_send(context: Context, token: U32, message: bytes, end_of_stream: U32) -> None:
    """Send a message on an open call."""
    raise UnimplementedError


@hostcall
def proxy_grpc_cancel(context: Context, token: U32) -> None:
    """Cancel a call."""
    raise UnimplementedError


@hostcall
def proxy_grpc_close(context: Context, token: U32) -> None:
    """Close our side of a call."""
    raise UnimplementedError
