"""Shared data."""

# ruff: noqa: ARG001 - declared, so that modules link; what it does is still to come

from wasmctl.host.context import Context
from wasmctl.host.hostcall import U32, UnimplementedError, hostcall


@hostcall
def proxy_get_shared_data(context: Context, key: bytes) -> tuple[bytes, U32]:
    """Return a value and the number of its version."""
    raise UnimplementedError


@hostcall
def proxy_set_shared_data(context: Context, key: bytes, value: bytes, version: U32) -> None:
    """Set a value, if its version is still the one given."""
    raise UnimplementedError
