"""What Envoy is told: plugins, listeners and clusters as its configuration. Pure.

Envoy reads JSON as well as YAML (the JSON form of its protobuf messages), so the standard library
is enough. Everything that Envoy adds to messages of its own accord is turned off where it can be,
so that what peers see is what the plugin did; ``x-forwarded-proto`` on requests stays.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wasmctl.envoy import plugin_config
from wasmctl.envoy.engines.base import Address, TcpAddress
from wasmctl.envoy.plugin_config import EXTENSIONS, TYPES, Json, PluginSettings
from wasmctl.messages import LEAST_WINDOW

__all__ = [
    "LOOPBACK",
    "Cluster",
    "Json",
    "PluginSettings",
    "address",
    "bootstrap",
    "discovered_cluster",
    "discovered_filter",
    "encoded",
    "filter_file",
    "listener",
    "resources",
]

_HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Where a route or a callout leads: a port of this machine.

    Attributes:
        port: None: it has no host at all.
        statistics: the name in its statistics, where it is not ``name``.
        metadata: what plugins can read of it.
        speaks_http1: whether it speaks HTTP/1.1, and not HTTP/2.

    """

    name: str
    port: int | None
    statistics: str = ""
    speaks_http1: bool = False
    metadata: Json = field(default_factory=dict)


def encoded(configuration: Json) -> bytes:
    """Return a configuration as the bytes of its file."""
    return json.dumps(configuration).encode()


def bootstrap(
    clusters: Sequence[Cluster], listeners_file: str, admin: Address, *, clusters_file: str = ""
) -> Json:
    """Return what Envoy starts with: its clusters, and where it will find its listeners.

    The listeners come by file, so that one whose plugin refuses to start is refused alone and
    does not keep Envoy from starting; and so do more clusters, where a file is named.
    """
    discovered: Json = {"lds_config": _source(listeners_file)}
    if clusters_file:
        discovered["cds_config"] = _source(clusters_file)
    return {
        "node": {"id": "wasmctl", "cluster": "wasmctl"},
        "admin": {"address": address(admin)},
        "dynamic_resources": discovered,
        "static_resources": {"clusters": [_cluster(cluster) for cluster in clusters]},
    }


def _source(file: str) -> Json:
    return {"resource_api_version": "V3", "path_config_source": {"path": file}}


def resources(version: int, offered: Sequence[Json]) -> Json:
    """Return the content of a discovery file; ``version`` has to change with it."""
    return {"version_info": str(version), "resources": list(offered)}


def listener(
    name: str,
    plugins: Sequence[PluginSettings],
    cluster: str,
    *,
    filters_folder: Path | None = None,
    buffer_limit: int | None = None,
    first: Sequence[Json] = (),
    metadata: Json | None = None,
) -> Json:
    """Return a listener on a free port, whose requests pass the plugins on to ``cluster``.

    Args:
        name: also the prefix of its statistics: ``http.<name>.…``.
        plugins: in the order in which requests meet them.
        cluster: where they go on.
        filters_folder: where the settings of plugins are read again whenever they change: a file
            for each, named ``filter_file``; None: they stay as they are.
        buffer_limit: bytes of a body that are kept while a stream is paused, as far as HTTP/2
            lets it be said: its window has 65,535 at least.
        first: filters before the plugins.
        metadata: the route's.

    """
    manager = {
        "name": "http",
        "typed_config": _connection_manager(
            name,
            [*first, *(_filter(plugin, filters_folder) for plugin in plugins)],
            {"cluster": cluster},
            metadata,
            buffer_limit,
        ),
    }
    found: Json = {
        "@type": TYPES + "envoy.config.listener.v3.Listener",
        "name": name,
        "address": _address(0),
        "filter_chains": [{"filters": [manager]}],
    }
    if buffer_limit is not None:
        found["per_connection_buffer_limit_bytes"] = buffer_limit
    return found


def filter_file(folder: Path, plugin: str) -> Path:
    """Return the file from which the settings of a plugin are read."""
    return folder / f"filter-{plugin}.json"


def discovered_filter(plugin: PluginSettings, version: int) -> Json:
    """Return the content of a plugin's file; ``version`` has to change with it."""
    kind = {"@type": TYPES + "envoy.config.core.v3.TypedExtensionConfig"}
    return resources(version, [kind | plugin_config.http_filter(plugin)])


def _connection_manager(
    name: str,
    filters: Sequence[Json],
    action: Json,
    metadata: Json | None,
    buffer_limit: int | None,
) -> Json:
    route: Json = {"match": {"prefix": "/"}, "route": action}
    if metadata:
        route["metadata"] = metadata
    host = {"name": "all", "domains": ["*"], "routes": [route]}
    found: Json = {
        "@type": EXTENSIONS + "filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": name,
        "generate_request_id": False,
        "server_header_transformation": "PASS_THROUGH",
        "http_protocol_options": {"enable_trailers": True},
        "route_config": {"name": "routes", "virtual_hosts": [host]},
        "http_filters": [*filters, _ROUTER],
    }
    if buffer_limit is not None:
        window = max(buffer_limit, LEAST_WINDOW)
        found["http2_protocol_options"] = {"initial_stream_window_size": window}
    return found


def _filter(plugin: PluginSettings, folder: Path | None) -> Json:
    written = plugin_config.http_filter(plugin)
    if folder is None:
        return written
    discovery: Json = {
        "config_source": _source(str(filter_file(folder, plugin.name))),
        "type_urls": [plugin_config.HTTP_FILTER_TYPE],
        # What it starts with is judged with the listener, as it is where nothing will change.
        "default_config": written["typed_config"],
        "apply_default_config_without_warming": True,
    }
    return {"name": plugin.name, "config_discovery": discovery}


_ROUTER: Json = {
    "name": "router",
    "typed_config": {
        "@type": EXTENSIONS + "filters.http.router.v3.Router",
        "suppress_envoy_headers": True,
    },
}


def discovered_cluster(cluster: Cluster) -> Json:
    """Return a cluster as the resource of a discovery file."""
    return {"@type": TYPES + "envoy.config.cluster.v3.Cluster"} | _cluster(cluster)


def _cluster(cluster: Cluster) -> Json:
    protocol: Json = {"http_protocol_options": {"enable_trailers": True}}
    options = {
        "@type": TYPES + _HTTP_OPTIONS,
        "explicit_http_config": protocol
        if cluster.speaks_http1
        else {"http2_protocol_options": {}},
    }
    endpoints = [{"endpoint": {"address": _address(cluster.port)}}] if cluster.port else []
    found: Json = {
        "name": cluster.name,
        "type": "STATIC",
        # Each test begins with cold connections: an idle one of the test before would change in
        # which phase an early answer or a failure meets the upstream.
        "connection_pool_per_downstream_connection": True,
        "load_assignment": {
            "cluster_name": cluster.name,
            "endpoints": [{"lb_endpoints": endpoints}],
        },
        "typed_extension_protocol_options": {_HTTP_OPTIONS: options},
    }
    if cluster.metadata:
        found["metadata"] = cluster.metadata
    if cluster.statistics:
        found["alt_stat_name"] = cluster.statistics
    return found


def _address(port: int) -> Json:
    return address(TcpAddress(port=port))


def address(where: Address) -> Json:
    """Return an address in Envoy's words."""
    if isinstance(where, TcpAddress):
        return {"socket_address": {"address": where.host, "port_value": where.port}}
    return {"pipe": {"path": where.path}}
