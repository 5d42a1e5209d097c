"""Which plugins share a machine, and which a root context.

Plugins with the same ``vm_id``, module, VM configuration and environment run in one machine; if
their name, root id and configuration are the same too, in one root context. Source:
proxy-wasm-cpp-host ``src/wasm.cc`` (``makeVmKey``), ``include/proxy-wasm/context.h``
(``PluginBase::key``); measured on Envoy 1.40.
"""

from dataclasses import dataclass
from pathlib import Path

from wasmctl.abi.callbacks import CALLBACKS
from wasmctl.host import fastcall, lifecycle, load, plaincall
from wasmctl.host.compiling import CompileError, CompileLimitError
from wasmctl.host.context import PluginContext, VmContext
from wasmctl.host.engine import Limits, runtime
from wasmctl.host.entrance import Entrance
from wasmctl.host.hostcalls import HOSTCALLS
from wasmctl.host.linkage import Linkage
from wasmctl.host.load import LoadError
from wasmctl.host.settings import PluginSettings
from wasmctl.host.shared import Shared
from wasmctl.host.traps import lines
from wasmctl.host.vm import Vm
from wasmctl.plugin import Plugin

_VmKey = tuple[object, ...]
_CALLBACKS = {name for table in CALLBACKS.values() for name in table}


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """What every machine of a host is made with.

    Attributes:
        limits: what each may use.
        cache: a folder for compiled modules; None compiles anew.
        fast_calls: whether the boundary is crossed unchecked.
        trace: whether every call across it is taken down.

    """

    limits: Limits
    cache: Path | None
    fast_calls: bool
    trace: bool


class Machines:
    """The machines of a host and the root contexts in them, by their keys.

    Attributes:
        entrance: the way into all of them.

    """

    def __init__(
        self, shared: Shared, workshop: Workshop, entrance: Entrance | None = None
    ) -> None:
        self._shared = shared
        self._workshop = workshop
        self._by_key: dict[_VmKey, VmContext] = {}
        self._plugins: dict[tuple[object, ...], PluginContext] = {}
        self._made: list[VmContext] = []
        self.entrance = entrance or Entrance(runtime(), workshop.limits)

    @property
    def all(self) -> tuple[VmContext, ...]:
        """Every machine that was made, in order, those that have ended included."""
        return tuple(self._made)

    @property
    def now(self) -> int:
        """Nanoseconds since 1970."""
        return self._shared.clock.nanoseconds

    def apart(self) -> "Machines":
        """Return a place for machines that end before these ones serve."""
        return Machines(self._shared.apart(), self._workshop, self.entrance)

    def plugin(self, settings: PluginSettings) -> PluginContext:
        """Return the root context for these settings, started; raises LoadError."""
        accepted = load.accept(settings.plugin)
        vm_key = _vm_key(settings, accepted)
        key = (vm_key, settings.name, settings.root_id, settings.configuration)
        found = self._plugins.get(key)
        if found is None or not found.is_alive:
            machine = self._machine(vm_key, settings, accepted)
            found = self._plugins[key] = PluginContext(
                machine, settings.name, settings.root_id, settings.configuration
            )
            found.may_stop_iteration = settings.allow_on_headers_stop_iteration
            found.passes_failed = settings.fail_open
            lifecycle.start(found)
        return found

    def _machine(self, key: _VmKey, settings: PluginSettings, plugin: Plugin) -> VmContext:
        found = self._by_key.get(key)
        if found is None or found.vm.failure is not None:
            found = self._by_key[key] = self._make(settings, plugin)
        return found

    def _make(self, settings: PluginSettings, plugin: Plugin) -> VmContext:
        vm = _vm(plugin, settings, self._workshop, self.entrance)
        machine = VmContext(
            vm=vm,
            shared=self._shared,
            abi_version=plugin.abi_version,
            vm_id=settings.vm_id,
            configuration=settings.vm_configuration,
            environment=settings.environment,
        )
        vm.idle = machine
        vm.recorder = self._shared.trace.recorder()
        self._made.append(machine)
        lifecycle.boot(machine)
        return machine

    def retire(self) -> None:
        """Let none of these machines be used again, and give back what they use."""
        self._by_key.clear()
        self._plugins.clear()
        self.close()

    def close(self) -> None:
        """Give back what the machines use."""
        for machine in self._made:
            machine.contexts.clear()
            machine.vm.close()


def _vm_key(settings: PluginSettings, plugin: Plugin) -> _VmKey:
    environment = frozenset(settings.environment.items())
    return (
        *(settings.vm_id, settings.vm_configuration, environment, plugin.digest),
        settings.capabilities,
    )


def _vm(plugin: Plugin, settings: PluginSettings, workshop: Workshop, entrance: Entrance) -> Vm:
    """Compile a plugin and give it a machine, not started yet; raises LoadError."""
    entry_points = load.entry_points(plugin)
    own = runtime()
    allowed = settings.capabilities
    try:
        compiled = own.load(plugin.content, plugin.digest, workshop.cache, workshop.limits)
        compiled.confirm(entry_points)
    except CompileLimitError as error:
        hint = "see what its compiler generated: a function of a megabyte is none a person wrote"
        raise LoadError(str(error), hint=hint) from error
    except CompileError as error:
        hint = "build the module again, with a compiler whose WebAssembly Envoy knows"
        raise LoadError(load.CORRUPTED, hint=hint, details=lines(str(error))) from error
    linkage = _linkage(fast=workshop.fast_calls, traced=workshop.trace)
    called = {name: kind for name, kind in entry_points.items() if _is_allowed(name, allowed)}
    return Vm(own, linkage, compiled, called, workshop.limits, entrance, allowed)


def _is_allowed(callback: str, capabilities: frozenset[str] | None) -> bool:
    """Whether a callback may run; what starts a machine and gives memory always may."""
    restricts = capabilities is not None and callback in _CALLBACKS
    return not restricts or callback in (capabilities or ())


def _linkage(*, fast: bool, traced: bool) -> Linkage:
    own = runtime()
    key = fast, traced
    if key not in own.linkages:
        calls = fastcall if fast else plaincall
        own.linkages[key] = Linkage(own.engine, calls, HOSTCALLS, traced=traced)
    return own.linkages[key]
