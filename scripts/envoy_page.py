"""What Envoy is told for each kind of plugin, made by the code that tells it."""

import json
from pathlib import Path

from wasmctl.envoy import proxy
from wasmctl.envoy.engines.base import TcpAddress
from wasmctl.envoy.plugin_config import Kind, PluginSettings
from wasmctl.envoy.proxy import Placed, Proxy

_SETTINGS = PluginSettings(
    name="auth",
    code=Path("/run/modules/5891b5b5….wasm"),
    configuration=b'{"realm": "private"}',
    root_id="auth_root",
    environment={"LOG_FORMAT": "json"},
)

_WHERE = {
    Kind.HTTP: "As an HTTP filter of the connection manager, before the router:",
    Kind.HTTP_UPSTREAM: "As an HTTP filter of the upstream's cluster, before its codec:",
    Kind.NETWORK: "As a network filter of the listener, before the last one (`tcp_proxy`, or the"
    " connection manager where HTTP plugins run as well):",
    Kind.ACCESS_LOGGER: "As an access log of the connection manager, or of `tcp_proxy`:",
    Kind.SERVICE: "As a bootstrap extension, a singleton on the main thread:",
}


def bootstraps() -> str:
    """Return a section for each kind; the page of Envoy includes it."""
    return "\n".join(_section(kind) for kind in Kind)


def _section(kind: Kind) -> str:
    text = json.dumps(_part(kind), indent=2, ensure_ascii=False)
    return f"### `{kind}`\n\n{_WHERE[kind]}\n\n```json\n{text}\n```\n"


def _part(kind: Kind) -> object:
    """Return the part of the bootstrap configuration that names the plugin."""
    placed = Placed(settings=_SETTINGS, kind=kind)
    address = TcpAddress(port=0)
    whole = proxy.bootstrap(Proxy(listen=address, admin=address, plugins=[placed]))
    return _found(json.loads(json.dumps(whole)))


def _found(node: object) -> object:
    """Return the smallest object with a name and a type that holds the plugin."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        found = _found(child)
        if found:
            return found
    is_plugin = isinstance(node, dict) and "vm_config" in json.dumps(node)
    return node if is_plugin and isinstance(node, dict) and "typed_config" in node else None
