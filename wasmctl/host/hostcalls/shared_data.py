"""Shared data: values that all machines of one ``vm_id`` read and set."""

from wasmctl.host.context import Context
from wasmctl.host.hostcall import U32, hostcall


@hostcall
def proxy_get_shared_data(context: Context, key: bytes) -> tuple[bytes, U32]:
    """Return a value and the number of its version."""
    machine = context.machine
    return machine.shared.data.get(machine.vm_id, key)


@hostcall
def proxy_set_shared_data(context: Context, key: bytes, value: bytes, version: U32) -> None:
    """Set a value, if its version is still the one given; 0 and a new key take any."""
    machine = context.machine
    machine.shared.data.set(machine.vm_id, key, value, version)
