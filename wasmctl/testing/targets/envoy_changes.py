"""Plugins of a test that are configured anew, or begin anew, while a real Envoy runs them."""

import dataclasses
from collections.abc import Iterable

from wasmctl.envoy import logs, waiting
from wasmctl.envoy.admin import StatKind
from wasmctl.envoy.launch import Envoy
from wasmctl.envoy.plugin_config import PluginSettings
from wasmctl.testing.targets import envoy_plugins
from wasmctl.testing.targets.base import Setup

_PATIENCE_SECONDS = 30.0
_OUTCOMES = r"^extension_config_discovery\.http_filter\..*\.config_(reload|fail)$"


class Changes:
    """What the plugins of a test are now."""

    def __init__(self, setup: Setup, envoy: Envoy) -> None:
        self._setup = setup
        self._envoy = envoy
        self._version = 0
        self._now = [
            envoy_plugins.settings(setup, number, envoy.folder)
            for number in range(len(setup.plugins))
        ]

    def reconfigure(self, plugin: str | None, configuration: bytes) -> str | None:
        """Give a plugin another configuration; return why it is refused, if it is."""
        number = next((i for i, one in enumerate(self._now) if one.name == plugin), 0)
        changed = dataclasses.replace(self._now[number], configuration=configuration)
        refusal = self._offer(changed)
        if refusal is None:
            self._now[number] = changed
        return refusal

    def restart_vm(self) -> None:
        """Give each plugin a VM of its own bytes."""
        self._version += 1
        section = _custom_section(b"restarted", str(self._version).encode())
        for number, one in enumerate(self._now):
            content = self._setup.plugins[number].plugin.content + section
            name = f"{number}-restarted-{self._setup.key}-{self._version}"
            code = envoy_plugins.written(content, name, self._envoy.folder)
            self._now[number] = dataclasses.replace(one, code=code)
            self._offer(self._now[number])

    def _offer(self, plugin: PluginSettings) -> str | None:
        self._version += 1
        before, place = self._outcomes(), self._envoy.entries()
        envoy_plugins.write_filter(self._envoy.folder, plugin, self._version)
        waiting.until(
            lambda: self._outcomes() != before,
            seconds=_PATIENCE_SECONDS,
            otherwise="Envoy did not take the plugin's settings in time",
        )
        if not self._failures(self._outcomes(), before):
            return None
        return logs.refusal(self._envoy.entries()[len(place) :]) or "refused"

    def _failures(self, now: dict[str, int], before: dict[str, int]) -> int:
        return sum(now[name] - before.get(name, 0) for name in _failing(now))

    def _outcomes(self) -> dict[str, int]:
        return self._envoy.admin.statistics(_OUTCOMES, StatKind.COUNTER)


def _failing(names: Iterable[str]) -> list[str]:
    return [name for name in names if name.endswith("config_fail")]


def _custom_section(name: bytes, content: bytes) -> bytes:
    """Return a section that means nothing; each size fits in seven bits."""
    body = bytes((len(name),)) + name + content
    return bytes((0, len(body))) + body
