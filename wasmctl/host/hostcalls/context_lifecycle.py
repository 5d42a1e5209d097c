"""Context lifecycle."""

from functools import partial

from wasmctl.abi.types import Status
from wasmctl.host import lifecycle
from wasmctl.host.context import Context
from wasmctl.host.hostcall import U32, HostcallError, hostcall


@hostcall
def proxy_set_effective_context(context: Context, context_id: U32) -> None:
    """Let this callback's hostcalls act on another context; 0 is none but its own."""
    machine = context.machine
    if context_id == 0:
        machine.vm.context = machine.vm.current
        return
    if context_id not in machine.contexts:
        raise HostcallError(Status.BAD_ARGUMENT, f"no context has the id {context_id}")
    machine.vm.context = machine.contexts[context_id]


@hostcall
def proxy_done(context: Context) -> None:
    """Say that the plugin, which was asked to end, has ended."""
    plugin = context.plugin
    if plugin is None or not plugin.is_ending:
        raise HostcallError(Status.NOT_FOUND, "the plugin has not been asked to end")
    plugin.is_ending = False
    plugin.machine.actions.append(partial(lifecycle.delete, plugin))
