"""A whole proxy with plugins of every kind: its bootstrap configuration. Pure.

One listener takes requests or connections, passes them through the plugins and on to one cluster.
Everything that Envoy adds to messages of its own accord is turned off where it can be, so that
what the client and the upstream see is what the plugins did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wasmctl.envoy import clusters, echo, plugin_config
from wasmctl.envoy.bootstrap import address
from wasmctl.envoy.clusters import Server
from wasmctl.envoy.engines.base import Address
from wasmctl.envoy.plugin_config import EXTENSIONS, TYPES, Json, Kind, PluginSettings

LISTENER = "main"


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A plugin, and where in the proxy it stands.

    Attributes:
        discovery: the file, as Envoy sees it, from which its settings come and are changed while
            Envoy runs; None: they stand in the bootstrap configuration.

    """

    settings: PluginSettings
    kind: Kind = Kind.HTTP
    discovery: str | None = None


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """What the proxy consists of.

    Attributes:
        listen: what the listener binds.
        admin: what the admin interface binds.
        plugins: in the order in which a request meets those of one kind.
        upstream: where requests lead; None: the built-in echo.
        others: clusters for callouts.

    """

    listen: Address
    admin: Address
    plugins: Sequence[Placed] = ()
    upstream: Server | None = None
    others: Sequence[Server] = field(default=())

    @property
    def is_http(self) -> bool:
        """Whether it takes HTTP requests; else it takes connections."""
        kinds = {placed.kind for placed in self.plugins}
        return Kind.NETWORK not in kinds or bool(kinds & {Kind.HTTP, Kind.HTTP_UPSTREAM})

    def of_kind(self, kind: Kind) -> list[Placed]:
        """Return the plugins of a kind, in order."""
        return [placed for placed in self.plugins if placed.kind is kind]


# Kinds whose plugins can be replaced while Envoy runs.
DISCOVERED = frozenset({Kind.HTTP, Kind.NETWORK})

_DISCOVERED_TYPES: Mapping[Kind, str] = {
    Kind.HTTP: plugin_config.HTTP_FILTER_TYPE,
    Kind.NETWORK: plugin_config.NETWORK_FILTER_TYPE,
}


def bootstrap(proxy: Proxy) -> Json:
    """Return the proxy's bootstrap configuration."""
    services = [plugin_config.service(one.settings) for one in proxy.of_kind(Kind.SERVICE)]
    return {
        "node": {"id": "wasmctl", "cluster": "wasmctl"},
        "admin": {"address": address(proxy.admin)},
        "bootstrap_extensions": [*_echo_extension(proxy), *services],
        "static_resources": {
            "listeners": [_listener(proxy), *_echo_listener(proxy)],
            "clusters": _clusters(proxy),
        },
    }


def _echo_extension(proxy: Proxy) -> list[Json]:
    return [] if proxy.upstream else [echo.BOOTSTRAP_EXTENSION]


def _echo_listener(proxy: Proxy) -> list[Json]:
    return [] if proxy.upstream else [echo.listener(is_http=proxy.is_http)]


def _clusters(proxy: Proxy) -> list[Json]:
    filters = [
        plugin_config.http_filter(placed.settings) for placed in proxy.of_kind(Kind.HTTP_UPSTREAM)
    ]
    first = clusters.cluster(_upstream(proxy), filters)
    return [first, *(clusters.cluster(server) for server in proxy.others)]


def _upstream(proxy: Proxy) -> Server:
    if proxy.upstream:
        return proxy.upstream
    protocol = clusters.Protocol.HTTP1 if proxy.is_http else clusters.Protocol.TCP
    inside = clusters.Internal(listener=echo.NAME)
    return Server(name=echo.NAME, address=inside, protocol=protocol)


def _listener(proxy: Proxy) -> Json:
    last = _connection_manager(proxy) if proxy.is_http else _tcp_proxy(proxy)
    filters = [_filter(placed) for placed in proxy.of_kind(Kind.NETWORK)]
    return {
        "name": LISTENER,
        "address": address(proxy.listen),
        "filter_chains": [{"filters": [*filters, last]}],
    }


def _filter(placed: Placed) -> Json:
    if placed.discovery is None:
        if placed.kind is Kind.NETWORK:
            return plugin_config.network_filter(placed.settings)
        return plugin_config.http_filter(placed.settings)
    source = {"resource_api_version": "V3", "path_config_source": {"path": placed.discovery}}
    return {
        "name": placed.settings.name,
        "config_discovery": {
            "config_source": source,
            "type_urls": [_DISCOVERED_TYPES[placed.kind]],
        },
    }


def discovered(placed: Placed, version: str) -> Json:
    """Return the content of a plugin's discovery file; ``version`` has to change with it."""
    make = {Kind.HTTP: plugin_config.http_filter, Kind.NETWORK: plugin_config.network_filter}
    resource = make[placed.kind](placed.settings)
    kind = {"@type": TYPES + "envoy.config.core.v3.TypedExtensionConfig"}
    return {"version_info": version, "resources": [kind | resource]}


def _loggers(proxy: Proxy) -> list[Json]:
    placed = proxy.of_kind(Kind.ACCESS_LOGGER)
    return [plugin_config.access_logger(one.settings) for one in placed]


def _tcp_proxy(proxy: Proxy) -> Json:
    config: Json = {
        "@type": EXTENSIONS + "filters.network.tcp_proxy.v3.TcpProxy",
        "stat_prefix": LISTENER,
        "cluster": _upstream(proxy).name,
        "access_log": _loggers(proxy),
    }
    return {"name": "tcp", "typed_config": config}


def _connection_manager(proxy: Proxy) -> Json:
    upstream = _upstream(proxy)
    # A server with a name of its own expects that name in requests.
    route: Json = {"cluster": upstream.name, "timeout": "0s"}
    if upstream.host:
        route["host_rewrite_literal"] = upstream.host
    host = {
        "name": "all",
        "domains": ["*"],
        "routes": [{"match": {"prefix": "/"}, "route": route}],
    }
    config: Json = {
        "@type": EXTENSIONS + "filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": LISTENER,
        "generate_request_id": False,
        "server_header_transformation": "PASS_THROUGH",
        "http_protocol_options": {"enable_trailers": True},
        "access_log": _loggers(proxy),
        "route_config": {"name": "routes", "virtual_hosts": [host]},
        "http_filters": [*(_filter(placed) for placed in proxy.of_kind(Kind.HTTP)), _ROUTER],
    }
    return {"name": "http", "typed_config": config}


_ROUTER: Json = {
    "name": "router",
    "typed_config": {
        "@type": EXTENSIONS + "filters.http.router.v3.Router",
        "suppress_envoy_headers": True,
    },
}
