"""A plugin's beginning and end, in the order of Envoy, for the one machine that serves requests.

``_initialize`` and ``main``, or ``_start``; then for the root context: create, vm_start,
configure; at the end: done, delete. Source: specification, "Context lifecycle";
proxy-wasm-cpp-host ``src/wasm.cc`` (``WasmBase::startVm``, ``start``, ``configure``).
"""

import contextlib
from functools import partial

from wasmctl.host import load, restrictions
from wasmctl.host.context import PluginContext, VmContext
from wasmctl.host.instance import InstantiationError
from wasmctl.host.load import LoadError
from wasmctl.host.traps import TrapError, lines

_HINT_TRAP = "see the trap and its backtrace: the plugin's own code failed while it started"
_HINT_INSTANCE = "see that its memory fits the limit, and its data fit its memory"
_HINT_START = "return true from proxy_on_vm_start, or log why the plugin cannot start"
_HINT_CONFIGURE = "see the plugin's own messages: it returned false from proxy_on_configure"


def boot(machine: VmContext) -> None:
    """Start a new machine; raises LoadError where Envoy would give it up."""
    _instantiate(machine)
    _initialize(machine)


def start(plugin: PluginContext) -> None:
    """Start a plugin in its machine; raises LoadError where Envoy would give it up."""
    _create(plugin)
    size = len(plugin.machine.configuration)
    _check(plugin, "proxy_on_vm_start", size, load.NOT_STARTED, _HINT_START)
    plugin.reads_configuration = True
    size = len(plugin.configuration)
    _check(plugin, "proxy_on_configure", size, load.NOT_CONFIGURED, _HINT_CONFIGURE)
    plugin.reads_configuration = False


def end(plugin: PluginContext) -> None:
    """Let a plugin end; one that wants to wait ends with `proxy_done`, and ticks until then.

    Raises TrapError.
    """
    if plugin.call("proxy_on_done") == 0:
        plugin.is_ending = True
    else:
        delete(plugin)


def retire(plugin: PluginContext) -> None:
    """End a root context that another one replaces, when the last of its streams has ended."""
    plugin.retired = partial(_end_unused, plugin)
    _end_unused(plugin)


def _end_unused(plugin: PluginContext) -> None:
    others = plugin.machine.contexts.values()
    if not any(each.plugin is plugin and each is not plugin for each in others):
        plugin.retired = None
        with contextlib.suppress(TrapError):
            end(plugin)


def delete(plugin: PluginContext) -> None:
    """End a plugin's root context for good. Raises TrapError."""
    plugin.call("proxy_on_delete")
    plugin.machine.contexts.pop(plugin.id, None)
    plugin.ticks.stop()
    plugin.machine.shared.callouts.cancel(plugin)


def _instantiate(machine: VmContext) -> None:
    try:
        machine.vm.instantiate()
    except InstantiationError as error:
        details = lines(str(error))
        raise LoadError(load.NO_INSTANCE, hint=_HINT_INSTANCE, details=details) from error
    except TrapError as error:
        raise _refusal(machine, load.NO_INSTANCE, _HINT_INSTANCE) from error


def _initialize(machine: VmContext) -> None:
    """Run what the compiler put before everything else."""
    vm = machine.vm
    vm.restrict(restrictions.AT_START)
    try:
        vm.call(machine, "_start")  # load.py leaves either this or the others
        vm.call(machine, "_initialize")
    except TrapError as error:
        _run_main_anyway(machine)
        raise _refusal(machine, load.NOT_INITIALIZED, _HINT_TRAP) from error
    try:
        _run_main(machine)
    except TrapError as error:
        raise _refusal(machine, load.NOT_INITIALIZED, _HINT_TRAP) from error
    vm.restrict(None)


def _run_main(machine: VmContext) -> None:
    if machine.vm.call(machine, "main", 0, 0) is None:
        machine.vm.call(machine, "__main_void")


def _run_main_anyway(machine: VmContext) -> None:
    """Go on as Envoy does, which looks whether the machine has failed behind ``main`` only."""
    with machine.vm.forgiven(), contextlib.suppress(TrapError):
        _run_main(machine)


def _create(plugin: PluginContext) -> None:
    """Make the root context.

    Envoy accepts a plugin that traps here: its requests fail instead. Raises LoadError where it
    does not want to start besides.
    """
    plugin.reads_configuration = True
    try:
        plugin.call("proxy_on_context_create", 0)
    except TrapError:
        if _is_refused_anyway(plugin):
            raise _refusal(plugin.machine, load.NOT_STARTED, _HINT_TRAP) from None
    finally:
        plugin.reads_configuration = False


def _is_refused_anyway(plugin: PluginContext) -> bool:
    """Ask a plugin that has trapped whether it starts, as Envoy does all the same."""
    size = len(plugin.machine.configuration)
    with plugin.machine.vm.forgiven(), contextlib.suppress(TrapError):
        return plugin.call("proxy_on_vm_start", size) == 0
    return False


def _check(plugin: PluginContext, callback: str, size: int, refusal: str, hint: str) -> None:
    try:
        accepted = plugin.call(callback, size)
    except TrapError as error:
        raise _refusal(plugin.machine, refusal, _HINT_TRAP) from error
    if accepted == 0:
        raise _refusal(plugin.machine, refusal, hint)


def _refusal(machine: VmContext, reason: str, hint: str) -> LoadError:
    return LoadError(
        reason,
        hint=hint,
        logs=machine.shared.logs,
        trap=machine.vm.failure,
        trace=tuple(machine.shared.trace.records),
    )
