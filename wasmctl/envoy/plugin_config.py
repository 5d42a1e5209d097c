"""How Envoy is told of a plugin: its configuration, and where plugins of each kind stand. Pure.

Types and fields are those of ``envoy/extensions/wasm/v3/wasm.proto``.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

Json = dict[str, object]

TYPES = "type.googleapis.com/"
EXTENSIONS = TYPES + "envoy.extensions."
HTTP_FILTER_TYPE = EXTENSIONS + "filters.http.wasm.v3.Wasm"
NETWORK_FILTER_TYPE = EXTENSIONS + "filters.network.wasm.v3.Wasm"


class Kind(StrEnum):
    """Where in Envoy a plugin runs."""

    HTTP = "http"
    HTTP_UPSTREAM = "http-upstream"
    NETWORK = "network"
    ACCESS_LOGGER = "access-logger"
    SERVICE = "service"


class FailurePolicy(StrEnum):
    """What becomes of streams once a plugin's VM has failed, in Envoy's words."""

    CLOSED = "FAIL_CLOSED"
    OPEN = "FAIL_OPEN"
    RELOAD = "FAIL_RELOAD"


@dataclass(frozen=True, kw_only=True)
class RemoteCode:
    """A module that Envoy fetches itself, as control planes make it.

    Attributes:
        cluster: the cluster that leads to the server of ``url``.
        sha256: its digest, in lower case, without a prefix.

    """

    url: str
    cluster: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class PluginSettings:
    """One plugin in a chain, in Envoy's words (``PluginConfig``, ``VmConfig``).

    Attributes:
        code: the module's file as Envoy sees it, or where Envoy fetches it.
        vm_configuration: what it may read at any time; empty: nothing.
        capabilities: the only functions it may call or be called with; None: all.
        failure_policy: None: Envoy's default, which closes.
        fail_open: the old flag in place of the policy; None: neither.
        reload_backoff: seconds until a VM that failed is replaced; None: Envoy's default.
        allow_on_headers_stop_iteration: None: Envoy's default, which is no.

    """

    name: str
    code: Path | RemoteCode
    configuration: bytes = b""
    root_id: str = ""
    vm_id: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    capabilities: frozenset[str] | None = None
    failure_policy: FailurePolicy | None = None
    vm_configuration: bytes = b""
    fail_open: bool | None = None
    reload_backoff: float | None = None
    allow_on_headers_stop_iteration: bool | None = None


def http_filter(plugin: PluginSettings) -> Json:
    """Return the plugin as an HTTP filter, of a listener or of a cluster."""
    wasm = {"@type": HTTP_FILTER_TYPE, "config": plugin_config(plugin)}
    return {"name": plugin.name, "typed_config": wasm}


def network_filter(plugin: PluginSettings) -> Json:
    """Return the plugin as a filter of connections."""
    wasm = {"@type": NETWORK_FILTER_TYPE, "config": plugin_config(plugin)}
    return {"name": plugin.name, "typed_config": wasm}


def access_logger(plugin: PluginSettings) -> Json:
    """Return the plugin as an access logger: ``proxy_on_log`` runs in its plugin context."""
    wasm = {
        "@type": EXTENSIONS + "access_loggers.wasm.v3.WasmAccessLog",
        "config": plugin_config(plugin),
    }
    return {"name": plugin.name, "typed_config": wasm}


def service(plugin: PluginSettings) -> Json:
    """Return the plugin as a service: one VM on the main thread, without streams."""
    wasm = {
        "@type": EXTENSIONS + "wasm.v3.WasmService",
        "config": plugin_config(plugin),
        "singleton": True,
    }
    return {"name": "envoy.bootstrap.wasm", "typed_config": wasm}


def plugin_config(plugin: PluginSettings) -> Json:
    """Return the plugin's ``PluginConfig``."""
    found: Json = {
        "name": plugin.name,
        "root_id": plugin.root_id,
        "vm_config": _vm_config(plugin),
        "configuration": _any_bytes(plugin.configuration),
    }
    if plugin.failure_policy:
        found["failure_policy"] = plugin.failure_policy.value
    if plugin.fail_open is not None:
        found["fail_open"] = plugin.fail_open
    if plugin.reload_backoff is not None:
        interval = f"{plugin.reload_backoff:.3f}s"
        found["reload_config"] = {"backoff": {"base_interval": interval, "max_interval": interval}}
    if plugin.allow_on_headers_stop_iteration is not None:
        found["allow_on_headers_stop_iteration"] = plugin.allow_on_headers_stop_iteration
    return found


def _vm_config(plugin: PluginSettings) -> Json:
    found: Json = {
        "vm_id": plugin.vm_id,
        "runtime": "envoy.wasm.runtime.v8",
        "code": _code(plugin.code),
        "environment_variables": {"key_values": dict(plugin.environment)},
    }
    if plugin.vm_configuration:
        found["configuration"] = _any_bytes(plugin.vm_configuration)
    if plugin.capabilities is not None:
        allowed: Json = {name: {} for name in sorted(plugin.capabilities)}
        found["capability_restriction_config"] = {"allowed_capabilities": allowed}
    return found


def _code(code: Path | RemoteCode) -> Json:
    if isinstance(code, Path):
        return {"local": {"filename": str(code)}}
    uri = {"uri": code.url, "cluster": code.cluster, "timeout": "10s"}
    return {"remote": {"http_uri": uri, "sha256": code.sha256}}


def _any_bytes(content: bytes) -> Json:
    """Wrap bytes so that the plugin gets just these; a Struct would reach it as protobuf."""
    try:
        return {"@type": TYPES + "google.protobuf.StringValue", "value": content.decode()}
    except UnicodeDecodeError:
        encoded_bytes = base64.b64encode(content).decode()
        return {"@type": TYPES + "google.protobuf.BytesValue", "value": encoded_bytes}
