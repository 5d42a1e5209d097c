"""Chains of plugins for tests: each says its name in every callback."""

from collections.abc import Sequence

from tests.host.plugins import Statement, plugin
from wasmctl.host import PluginSettings

CALLBACKS = (
    *("context_create", "vm_start", "configure", "request_headers", "request_body"),
    *("response_headers", "response_body", "log", "done", "delete"),
)


def named(
    name: str, calls: dict[str, Sequence[Statement]] | None = None, **returns: int
) -> PluginSettings:
    """Return a plugin that logs ``name.callback``, and makes calls behind that."""
    given = calls or {}
    callbacks = {
        each: [("proxy_log", 2, f"{name}.{each}".encode()), *given.get(each, ())]
        for each in dict.fromkeys((*CALLBACKS, *given))
    }
    return PluginSettings(plugin=plugin(callbacks, returns=returns), name=name)
