"""The plugins of a host, in the order in which requests meet them: their start, change and end."""

import contextlib
import dataclasses
from collections.abc import Sequence

from wasmctl.host import lifecycle, rehearsal
from wasmctl.host.active_stream import ActiveStream
from wasmctl.host.context import HttpContext
from wasmctl.host.handle import PluginHandle
from wasmctl.host.machines import Machines
from wasmctl.host.settings import PluginSettings
from wasmctl.host.traps import TrapError


class Chain:
    """Plugins in their machines; they are started here. Raises LoadError.

    All of it happens within an entry.

    Attributes:
        handles: one for each plugin.

    """

    def __init__(self, machines: Machines, settings: Sequence[PluginSettings]) -> None:
        self._machines = machines
        rehearsal.rehearse(machines, settings)
        self.handles = [PluginHandle(each, machines) for each in settings]

    @property
    def open_streams(self) -> list[ActiveStream]:
        """The streams that are not over."""
        contexts = [context for each in self._machines.all for context in each.contexts.values()]
        found = [context.stream for context in contexts if isinstance(context, HttpContext)]
        return list(dict.fromkeys(found))

    def reconfigure(self, name: str, configuration: bytes) -> None:
        """Give each plugin of a name another configuration.

        Raises LoadError where the plugin refuses.
        """
        for handle in self.handles:
            if handle.settings.name == name:
                self._reconfigure(handle, configuration)

    def _reconfigure(self, handle: PluginHandle, configuration: bytes) -> None:
        settings = dataclasses.replace(handle.settings, configuration=configuration)
        rehearsal.rehearse(self._machines, [settings], serving=True)
        before = handle.reconfigure(configuration)
        if not any(each.root is before for each in self.handles):
            lifecycle.retire(before)

    def restart(self) -> None:
        """End the plugins, and start them in new machines; raises LoadError."""
        self.end()
        self._machines.retire()
        for handle in self.handles:
            handle.restart()

    def end(self) -> None:
        """End the plugins, the last first."""
        for plugin in dict.fromkeys(handle.root for handle in reversed(self.handles)):
            with contextlib.suppress(TrapError):
                lifecycle.end(plugin)
