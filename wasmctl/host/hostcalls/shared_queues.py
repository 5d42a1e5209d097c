"""Shared queues."""

# ruff: noqa: ARG001 - declared, so that modules link; what it does is still to come

from wasmctl.host.context import Context
from wasmctl.host.hostcall import U32, UnimplementedError, hostcall


@hostcall
def proxy_register_shared_queue(context: Context, name: bytes) -> U32:
    """Open a queue of this machine's."""
    raise UnimplementedError


@hostcall
def proxy_resolve_shared_queue(context: Context, vm_id: bytes, name: bytes) -> U32:
    """Find a queue of any machine's."""
    raise UnimplementedError


@hostcall
def proxy_enqueue_shared_queue(context: Context, token: U32, value: bytes) -> None:
    """Add to a queue."""
    raise UnimplementedError


@hostcall
def proxy_dequeue_shared_queue(context: Context, token: U32) -> bytes:
    """Take from a queue."""
    raise UnimplementedError
