"""A plugin's place in the chain: the root context that serves there now, and what follows it.

Once the machine behind it has failed, the failure policy decides about each new stream. Source:
Envoy source/extensions/common/wasm/plugin.h and wasm.cc (``PluginConfig``); measured on Envoy
1.40, which may wait up to half as long again before it reloads.
"""

import dataclasses
from typing import TYPE_CHECKING

from wasmctl.host.context import HttpContext, PluginContext
from wasmctl.host.load import LoadError
from wasmctl.host.machines import Machines
from wasmctl.host.settings import FailurePolicy, PluginSettings

if TYPE_CHECKING:
    from wasmctl.host.active_stream import ActiveStream


class PluginHandle:
    """One plugin of a chain; it is started here. Raises LoadError.

    Attributes:
        settings: those it runs with.
        root: its root context.

    """

    def __init__(self, settings: PluginSettings, machines: Machines) -> None:
        self.settings = settings
        self._machines = machines
        self.root = machines.plugin(settings)
        self._loaded_at = machines.now

    def join(self, stream: "ActiveStream") -> HttpContext | None:
        """Return the plugin's context for a new stream; None where that passes it by."""
        if self.root.machine.vm.failure is not None:
            self._face_failure()
            if self._is_passed_by:
                return None
        return HttpContext(self.root, stream)

    @property
    def _is_passed_by(self) -> bool:
        settings = self.settings
        is_open = settings.fail_open or settings.failure_policy is FailurePolicy.FAIL_OPEN
        return is_open and self.root.machine.vm.failure is not None

    def _face_failure(self) -> None:
        """Start the plugin anew, if that is its policy and the last start is long enough ago."""
        now = self._machines.now
        reloads = self.settings.failure_policy is FailurePolicy.FAIL_RELOAD
        if reloads and now - self._loaded_at >= self.settings.reload_backoff:
            self._loaded_at = now
            self._reload()

    def _reload(self) -> None:
        # A stream is made outside of any entry, and a guest without one has no fuel to start with.
        enter = self._machines.entrance.enter
        try:
            self.root = enter(lambda: self._machines.plugin(self.settings))
        except LoadError:
            return  # streams are answered with 503 until the next attempt

    def reconfigure(self, configuration: bytes) -> PluginContext:
        """Let a new root context serve from now on, and return the old one.

        Raises LoadError where the plugin refuses the configuration; the old one serves on.
        """
        settings = dataclasses.replace(self.settings, configuration=configuration)
        before = self.root
        self.root = self._machines.plugin(settings)
        self.settings = settings
        return before

    def restart(self) -> None:
        """Let a root context in a new machine serve from now on; raises LoadError."""
        self.root = self._machines.plugin(self.settings)
        self._loaded_at = self._machines.now
