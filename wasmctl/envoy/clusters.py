"""Where requests and callouts lead, in Envoy's words. Pure."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from wasmctl.envoy.bootstrap import address
from wasmctl.envoy.engines.base import Address, TcpAddress
from wasmctl.envoy.plugin_config import EXTENSIONS, TYPES, Json

_HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_UPSTREAM_CODEC: Json = {
    "name": "codec",
    "typed_config": {"@type": EXTENSIONS + "filters.http.upstream_codec.v3.UpstreamCodec"},
}
_PROTOCOL_OPTIONS: dict[str, Json] = {
    "http1": {"http_protocol_options": {"enable_trailers": True}},
    "http2": {"http2_protocol_options": {}},
}


class Protocol(StrEnum):
    """What a server speaks."""

    HTTP1 = "http1"
    HTTP2 = "http2"
    TCP = "tcp"


@dataclass(frozen=True, kw_only=True)
class Internal:
    """A listener inside the same Envoy."""

    listener: str


@dataclass(frozen=True, kw_only=True)
class Server:
    """A cluster with one server.

    Attributes:
        address: where it is, as Envoy reaches it.
        trusted: the file, as Envoy sees it, with the authorities whose certificates are trusted;
            None: no TLS.
        sni: the name or the address that the certificate is to bear.
        host: the name that requests bear there, however it is reached; empty: the one they have.

    """

    name: str
    address: Address | Internal
    protocol: Protocol = Protocol.HTTP1
    trusted: str | None = None
    sni: str = ""
    host: str = ""

    @property
    def is_named(self) -> bool:
        """Whether its address is a name that has to be looked up."""
        return isinstance(self.address, TcpAddress) and not is_number(self.address.host)


def is_number(host: str) -> bool:
    """Return whether a host is an address, and no name that has to be looked up."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def cluster(server: Server, filters: Sequence[Json] = ()) -> Json:
    """Return a cluster; ``filters`` see its requests after the router."""
    found: Json = {
        "name": server.name,
        "type": "STRICT_DNS" if server.is_named else "STATIC",
        "connect_timeout": "5s",
        "load_assignment": {
            "cluster_name": server.name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _where(server)}}]}],
        },
    }
    if server.is_named:
        found["dns_lookup_family"] = "V4_PREFERRED"
    if server.protocol is not Protocol.TCP:
        found["typed_extension_protocol_options"] = {_HTTP_OPTIONS: _options(server, filters)}
    if server.trusted:
        found["transport_socket"] = _tls(server.trusted, server.sni)
    return found


def _where(server: Server) -> Json:
    if isinstance(server.address, Internal):
        return {"envoy_internal_address": {"server_listener_name": server.address.listener}}
    return address(server.address)


def _options(server: Server, filters: Sequence[Json]) -> Json:
    found: Json = {
        "@type": TYPES + _HTTP_OPTIONS,
        "explicit_http_config": _PROTOCOL_OPTIONS[server.protocol],
    }
    if filters:
        found["http_filters"] = [*filters, _UPSTREAM_CODEC]
    return found


def _tls(trusted: str, host: str) -> Json:
    is_address = is_number(host)
    name: Json = {
        "san_type": "IP_ADDRESS" if is_address else "DNS",
        "matcher": {"exact": host},
    }
    validation = {"trusted_ca": {"filename": trusted}, "match_typed_subject_alt_names": [name]}
    found: Json = {
        "@type": EXTENSIONS + "transport_sockets.tls.v3.UpstreamTlsContext",
        "common_tls_context": {"validation_context": validation},
    }
    if not is_address:  # RFC 6066: no addresses in SNI
        found["sni"] = host
    return {"name": "tls", "typed_config": found}
