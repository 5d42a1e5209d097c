"""An Envoy that does nothing but stand between the peers, configured by hand."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from wasmctl.envoy import launch, locate
from wasmctl.envoy.engines.process import ProcessEngine
from wasmctl.envoy.peers import process
from wasmctl.envoy.peers.process import Peers

Json = dict[str, object]

_TYPES = "type.googleapis.com/envoy."
_FILTERS = _TYPES + "extensions.filters."
_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_HTTP1: Json = {"http_protocol_options": {"enable_trailers": True}}
_HTTP2: Json = {"http2_protocol_options": {}}


class Front:
    """Envoy and the peers.

    Attributes:
        http: a port that speaks HTTP/1 and HTTP/2; it leads to the upstream ``web``, with HTTP/1
            for paths below ``/1``, with HTTP/2 for others.
        tcp: a port that leads to the upstream ``raw``.

    """

    def __init__(self, peers: Peers, *, http: int, tcp: int) -> None:
        self.peers = peers
        self.http = http
        self.tcp = tcp


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Front]:
    """Start both; end them with the block."""
    site = ProcessEngine(binary=locate.locate()).site(folder)
    file = folder / "envoy.json"
    with contextlib.ExitStack() as stack:
        peers = stack.enter_context(process.started(["web"], tcp=["raw"]))
        file.write_text(json.dumps(_bootstrap(peers)))
        arguments = ["-c", str(file), "--concurrency", "1", *launch.ARGUMENTS]
        machine = stack.enter_context(site.started(arguments))
        journal = stack.enter_context(launch.reading(machine))
        envoy = stack.enter_context(contextlib.closing(launch.Envoy(machine, journal, folder)))
        envoy.wait_until_ready()
        ports = envoy.admin.ports()
        yield Front(peers, http=ports["http"], tcp=ports["tcp"])


def _bootstrap(peers: Peers) -> Json:
    web, raw = peers.ports["web"], peers.ports["raw"]
    clusters = [_cluster("web1", web, _HTTP1), _cluster("web2", web, _HTTP2), _cluster("raw", raw)]
    listeners = [_listener("http", _manager()), _listener("tcp", _proxy())]
    return {
        "admin": {"address": _address(0)},
        "static_resources": {"clusters": clusters, "listeners": listeners},
    }


def _address(port: int) -> Json:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _cluster(name: str, port: int, http: Json | None = None) -> Json:
    options = {"@type": f"type.googleapis.com/{_OPTIONS}", "explicit_http_config": http}
    endpoints = [{"endpoint": {"address": _address(port)}}]
    return {
        "name": name,
        "type": "STATIC",
        "connection_pool_per_downstream_connection": True,
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
        **({"typed_extension_protocol_options": {_OPTIONS: options}} if http else {}),
    }


def _listener(name: str, configuration: Json) -> Json:
    chain = {"filters": [{"name": name, "typed_config": configuration}]}
    return {"name": name, "address": _address(0), "filter_chains": [chain]}


def _manager() -> Json:
    routes = [
        {"match": {"prefix": prefix}, "route": {"cluster": cluster, "timeout": "0s"}}
        for prefix, cluster in (("/1", "web1"), ("/", "web2"))
    ]
    router = {"@type": _FILTERS + "http.router.v3.Router", "suppress_envoy_headers": True}
    kind = "network.http_connection_manager.v3.HttpConnectionManager"
    return {
        "@type": _FILTERS + kind,
        "stat_prefix": "http",
        "generate_request_id": False,
        "server_header_transformation": "PASS_THROUGH",
        "http_protocol_options": {"enable_trailers": True},
        "route_config": {
            "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}],
        },
        "http_filters": [{"name": "router", "typed_config": router}],
    }


def _proxy() -> Json:
    kind = _FILTERS + "network.tcp_proxy.v3.TcpProxy"
    return {"@type": kind, "stat_prefix": "tcp", "cluster": "raw"}
