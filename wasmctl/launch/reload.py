"""Plugins replaced in a running Envoy when their files change.

Envoy is told by extension discovery (ECDS), through a file for each plugin: connections stay, and
each meets the new module on its next request. New bytes are a new file, named by their digest: a
file that keeps its name would not be read again. Each module passes a preflight first, for Envoy
itself would not survive some mistakes.
"""

import dataclasses
import time
from collections.abc import Callable

from wasmctl import plugin
from wasmctl.envoy import waiting
from wasmctl.envoy.admin import StatKind
from wasmctl.envoy.engines.base import Engine
from wasmctl.envoy.launch import Envoy
from wasmctl.envoy.plugin_config import Kind
from wasmctl.errors import NotAPluginError, WasmctlError
from wasmctl.launch import preflight
from wasmctl.launch.plugins import Deployed
from wasmctl.launch.wiring import Wiring

# A file that is no plugin may still be being written: it is judged once it is left alone.
_SETTLED_SECONDS = 0.2
_PATIENCE_SECONDS = 10.0
_GROUPS = {Kind.HTTP: "http_filter", Kind.NETWORK: "network_filter"}

_Stamp = tuple[int, int, int]


class Reloader:
    """Looks after the files of a run's plugins."""

    def __init__(
        self, wiring: Wiring, engine: Engine, envoy: Envoy, on_note: Callable[[str], None]
    ) -> None:
        self._wiring = wiring
        self._engine = engine
        self._envoy = envoy
        self._on_note = on_note
        self._watched = [_Watched(one) for one in wiring.order.plugins if one.file]

    def check(self) -> None:
        """Replace each plugin whose file has changed; one that cannot be leaves the old one."""
        for watched in self._watched:
            try:
                changed = watched.changed()
                if changed:
                    self._replace(changed)
                    watched.deployed = changed
            except WasmctlError as error:
                name = watched.deployed.name
                self._on_note(f"{name}: kept the old module: {error.message}")
                for line in error.details:
                    self._on_note(f"    {line}")
                self._on_note(f"    {error.hint}")

    def _replace(self, changed: Deployed) -> None:
        begun = time.monotonic()
        order = self._wiring.order
        alone = dataclasses.replace(order, plugins=(changed,), patches=(), values=())
        preflight.check(alone, self._engine, self._wiring.folder)
        before = self._outcomes(changed)
        self._wiring.write_plugin(changed)
        waiting.until(
            lambda: self._outcomes(changed) != before,
            seconds=_PATIENCE_SECONDS,
            otherwise="Envoy did not take it in time",
        )
        took = (time.monotonic() - begun) * 1000
        self._on_note(f"{changed.name}: replaced by {changed.plugin.digest} in {took:.0f} ms")

    def _outcomes(self, changed: Deployed) -> dict[str, int]:
        group = _GROUPS[changed.kind]
        pattern = rf"^extension_config_discovery\.{group}\..*{changed.name}\.config_(reload|fail)$"
        return self._envoy.admin.statistics(pattern, StatKind.COUNTER)


class _Watched:
    """A plugin's file, and what was seen of it."""

    def __init__(self, deployed: Deployed) -> None:
        self.deployed = deployed
        self._stamp = self._look()

    def changed(self) -> Deployed | None:
        """Return the plugin with the file's new module, once, or None.

        Raises NotAPluginError, once, where it is none.
        """
        stamp = self._look()
        if stamp is None or stamp == self._stamp or self.deployed.file is None:
            return None
        try:
            found = plugin.open_plugin(self.deployed.file)
        except NotAPluginError:
            if time.time() - stamp[0] / 1e9 < _SETTLED_SECONDS:
                return None
            self._stamp = stamp
            raise
        self._stamp = stamp
        if found.digest == self.deployed.plugin.digest:
            return None
        return dataclasses.replace(self.deployed, plugin=found)

    def _look(self) -> _Stamp | None:
        if self.deployed.file is None:
            return None
        try:
            seen = self.deployed.file.stat()
        except OSError:  # between the old file and the new one
            return None
        return seen.st_mtime_ns, seen.st_size, seen.st_ino
