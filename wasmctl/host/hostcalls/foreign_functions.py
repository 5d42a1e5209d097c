"""Foreign functions: Envoy's own extensions.

Source: proxy-wasm-cpp-host ``src/exports.cc`` (``call_foreign_function``): the results are written
even where the function fails, and an address of 0 says that one is not wanted.
"""

from functools import partial

from wasmctl.abi.types import Status
from wasmctl.host.body import Body
from wasmctl.host.context import Context, PluginContext
from wasmctl.host.foreign import FUNCTIONS
from wasmctl.host.hostcall import U32, HostcallError, hostcall
from wasmctl.host.names import written
from wasmctl.host.vm import Vm

_RESOLVED = "envoy_on_resolve_dns"


@hostcall
def proxy_call_foreign_function(
    context: Context, name: bytes, argument: bytes, result_at: U32, size_at: U32
) -> None:
    """Call a function of the proxy's by its name."""
    function = FUNCTIONS.get(name)
    if function is None:
        raise HostcallError(Status.NOT_FOUND, f"no foreign function is called {name!r}")
    vm = context.machine.vm
    try:
        result = function(context, argument)
    except HostcallError:
        _give(vm, None, result_at, size_at)
        raise
    _give(vm, result, result_at, size_at)


def _give(vm: Vm, result: bytes | None, result_at: int, size_at: int) -> None:
    if result_at:
        vm.memory.write_u32(result_at, vm.place(result) if result is not None else 0)
    if size_at:
        vm.memory.write_u32(size_at, len(result or b""))


@hostcall
def envoy_resolve_dns(context: Context, name: bytes) -> U32:
    """Look up a name's addresses; the plugin's root hears of them, maybe before this returns."""
    machine, plugin = context.machine, context.plugin
    if plugin is None:
        raise HostcallError(Status.BAD_ARGUMENT, f"no plugin is here to hear of {name!r}")
    names, wanted = machine.shared.names, name.decode(errors="backslashreplace")
    token = machine.next_lookup()
    content = written(names.addresses(wanted))
    if names.known(wanted) and plugin.call_data is None:
        _tell_now(plugin, token, content)
    else:
        machine.shared.loop.post(partial(_tell, plugin, token, content))
    return token


def _tell_now(plugin: PluginContext, token: int, content: bytes) -> None:
    """Tell the plugin in the midst of its own callback, which then goes on as it was."""
    vm = plugin.machine.vm
    before = vm.context, vm.current, vm.callback
    plugin.call_data = Body(content, writable=False)
    try:
        vm.call(plugin, _RESOLVED, plugin.id, token, len(content))
    finally:
        plugin.call_data = None
        vm.context, vm.current, vm.callback = before


def _tell(plugin: PluginContext, token: int, content: bytes) -> None:
    plugin.call_data = Body(content, writable=False)
    plugin.notify(_RESOLVED, token, len(content))
    plugin.call_data = None
