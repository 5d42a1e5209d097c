"""What Envoy is told: plugins, listeners and clusters as its configuration. Pure.

Envoy reads JSON as well as YAML (the JSON form of its protobuf messages), so the standard library
is enough. Everything that Envoy adds to messages of its own accord is turned off where it can be,
so that what peers see is what the plugin did; ``x-forwarded-proto`` on requests stays.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from wasmctl.envoy import plugin_config
from wasmctl.envoy.engines.base import Address, TcpAddress
from wasmctl.envoy.plugin_config import EXTENSIONS, TYPES, Json, PluginSettings

__all__ = [
    "LOOPBACK",
    "Cluster",
    "Json",
    "PluginSettings",
    "address",
    "bootstrap",
    "encoded",
    "listener",
    "listeners",
]

_HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Where a route or a callout leads: a port of this machine that speaks HTTP/2."""

    name: str
    port: int


def encoded(configuration: Json) -> bytes:
    """Return a configuration as the bytes of its file."""
    return json.dumps(configuration).encode()


def bootstrap(clusters: Sequence[Cluster], listeners_file: str, admin: Address) -> Json:
    """Return what Envoy starts with: its clusters, and where it will find its listeners.

    The listeners come by file, so that one whose plugin refuses to start is refused alone and
    does not keep Envoy from starting.
    """
    source = {"resource_api_version": "V3", "path_config_source": {"path": listeners_file}}
    return {
        "node": {"id": "wasmctl", "cluster": "wasmctl"},
        "admin": {"address": address(admin)},
        "dynamic_resources": {"lds_config": source},
        "static_resources": {"clusters": [_cluster(cluster) for cluster in clusters]},
    }


def listeners(version: int, offered: Sequence[Json]) -> Json:
    """Return the content of the listeners' file; ``version`` has to change with it."""
    return {"version_info": str(version), "resources": list(offered)}


def listener(name: str, plugins: Sequence[PluginSettings], cluster: str) -> Json:
    """Return a listener on a free port, whose requests pass the plugins on to ``cluster``.

    ``name`` is also the prefix of its statistics: ``http.<name>.…``.
    """
    manager = {
        "name": "http",
        "typed_config": _connection_manager(name, plugins, cluster),
    }
    return {
        "@type": TYPES + "envoy.config.listener.v3.Listener",
        "name": name,
        "address": _address(0),
        "filter_chains": [{"filters": [manager]}],
    }


def _connection_manager(name: str, plugins: Sequence[PluginSettings], cluster: str) -> Json:
    route = {"match": {"prefix": "/"}, "route": {"cluster": cluster}}
    host = {"name": "all", "domains": ["*"], "routes": [route]}
    return {
        "@type": EXTENSIONS + "filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": name,
        "generate_request_id": False,
        "server_header_transformation": "PASS_THROUGH",
        "route_config": {"name": "routes", "virtual_hosts": [host]},
        "http_filters": [*(plugin_config.http_filter(plugin) for plugin in plugins), _ROUTER],
    }


_ROUTER: Json = {
    "name": "router",
    "typed_config": {
        "@type": EXTENSIONS + "filters.http.router.v3.Router",
        "suppress_envoy_headers": True,
    },
}


def _cluster(cluster: Cluster) -> Json:
    endpoint = {"endpoint": {"address": _address(cluster.port)}}
    options = {
        "@type": TYPES + _HTTP_OPTIONS,
        "explicit_http_config": {"http2_protocol_options": {}},
    }
    return {
        "name": cluster.name,
        "type": "STATIC",
        # Each test begins with cold connections: an idle one of the test before would change in
        # which phase an early answer or a failure meets the upstream.
        "connection_pool_per_downstream_connection": True,
        "load_assignment": {
            "cluster_name": cluster.name,
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
        "typed_extension_protocol_options": {_HTTP_OPTIONS: options},
    }


def _address(port: int) -> Json:
    return address(TcpAddress(port=port))


def address(where: Address) -> Json:
    """Return an address in Envoy's words."""
    if isinstance(where, TcpAddress):
        return {"socket_address": {"address": where.host, "port_value": where.port}}
    return {"pipe": {"path": where.path}}
