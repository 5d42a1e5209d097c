"""Shared queues."""

from functools import partial

from wasmctl.abi.types import Status
from wasmctl.host.context import Context
from wasmctl.host.hostcall import U32, HostcallError, hostcall


@hostcall
def proxy_register_shared_queue(context: Context, name: bytes) -> U32:
    """Open a queue of this machine's; this plugin hears of what is added from now on."""
    machine = context.machine
    if context.plugin is None:
        raise HostcallError(Status.NOT_FOUND, "no plugin is here to hear of the queue")
    notice = partial(context.plugin.notify, "proxy_on_queue_ready")
    return machine.shared.queues.register(machine.vm_id, name, notice)


@hostcall
def proxy_resolve_shared_queue(context: Context, vm_id: bytes, name: bytes) -> U32:
    """Find a queue of any machine's; no ``vm_id`` is this machine's own."""
    machine = context.machine
    owner = vm_id.decode(errors="surrogateescape") or machine.vm_id
    return machine.shared.queues.resolve(owner, name)


@hostcall
def proxy_enqueue_shared_queue(context: Context, token: U32, value: bytes) -> None:
    """Add to a queue."""
    context.machine.shared.queues.enqueue(token, value)


@hostcall
def proxy_dequeue_shared_queue(context: Context, token: U32) -> bytes:
    """Take from a queue."""
    return context.machine.shared.queues.dequeue(token)
