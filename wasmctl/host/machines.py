"""Which plugins share a machine, and which a root context.

Plugins with the same ``vm_id``, module, VM configuration and environment run in one machine; if
their name, root id and configuration are the same too, in one root context. Source:
proxy-wasm-cpp-host ``src/wasm.cc`` (``makeVmKey``), ``include/proxy-wasm/context.h``
(``PluginBase::key``); measured on Envoy 1.40.
"""

from wasmctl.host import lifecycle, load
from wasmctl.host.context import PluginContext, VmContext
from wasmctl.host.engine import runtime
from wasmctl.host.entrance import Entrance
from wasmctl.host.settings import PluginSettings
from wasmctl.host.shared import Shared
from wasmctl.host.workshop import Workshop
from wasmctl.plugin import Plugin

_VmKey = tuple[object, ...]


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
        vm = self._workshop.make(plugin, self.entrance, settings.capabilities or None)
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
