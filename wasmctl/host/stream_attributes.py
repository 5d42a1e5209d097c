"""The attributes of a stream by family and name: what each is, and when it is there.

Source: Envoy source/extensions/filters/common/expr/context.cc; measured on Envoy 1.40, without TLS,
whose attributes have no values then.
"""

from collections.abc import Mapping

from wasmctl.host.context import HttpContext
from wasmctl.host.downstream import LISTENER
from wasmctl.host.message_attributes import REQUEST, RESPONSE, Reader
from wasmctl.host.metadata import EMPTY_LOCALITY, metadata
from wasmctl.host.values import NULL, Duration, Unsigned, Value

_CLUSTER = b"upstream"
_VIRTUAL_HOST = b"all"
_UPSTREAM = "127.0.0.1:20000"
_UPSTREAM_LOCAL = "127.0.0.1:30000"
_NO_METADATA = metadata({})


def _source(context: HttpContext) -> str:
    return context.stream.connection.seen_from(context.stream.request)


def _source_address(context: HttpContext) -> Value:
    return _source(context).encode()


def _source_port(context: HttpContext) -> Value:
    return _port(_source(context))


def _connection_id(context: HttpContext) -> Value:
    return Unsigned(context.stream.connection.id)


def _attempts(context: HttpContext) -> Value:
    return Unsigned(context.stream.router.is_routed)


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


def _routed(value: Value) -> Reader:
    """What is there as soon as the request has a host to go to."""
    return lambda context: value if context.stream.router.is_routed else None


def _connected(value: Value) -> Reader:
    """What is there as soon as there is a connection to that host."""
    return lambda context: value if context.stream.router.is_connected else None


def _always(value: Value) -> Reader:
    return lambda _context: value


_CONNECTION: dict[bytes, Reader] = {
    b"id": _connection_id,
    b"mtls": _always(value=False),
    b"requested_server_name": _always(b""),
}

_PEERS: dict[bytes, dict[bytes, Reader]] = {
    b"source": {
        b"address": _source_address,
        b"port": _source_port,
    },
    b"destination": {
        b"address": _always(LISTENER.encode()),
        b"port": _always(_port(LISTENER)),
    },
}

_UPSTREAM_ATTRIBUTES: dict[bytes, Reader] = {
    b"address": _routed(_UPSTREAM.encode()),
    b"port": _routed(_port(_UPSTREAM)),
    b"local_address": _connected(_UPSTREAM_LOCAL.encode()),
    b"locality": _routed(EMPTY_LOCALITY),
    b"transport_failure_reason": _routed(b""),
    b"request_attempt_count": _attempts,
    b"cx_pool_ready_duration": _connected(Duration(0)),
    b"num_endpoints": _always(Unsigned(1)),
}

_XDS: dict[bytes, Reader] = {
    b"cluster_name": _always(_CLUSTER),
    b"cluster_metadata": _always(_NO_METADATA),
    b"route_name": _always(b""),
    b"route_metadata": _always(_NO_METADATA),
    b"virtual_host_name": _always(_VIRTUAL_HOST),
    b"virtual_host_metadata": _always(_NO_METADATA),
    b"upstream_host_metadata": _routed(NULL),
    b"upstream_host_locality_metadata": _routed(NULL),
    b"filter_chain_name": _always(b""),
    b"listener_metadata": _always(_NO_METADATA),
    b"listener_direction": _always(0),
}

_BY_FAMILY = {
    b"request": REQUEST,
    b"response": RESPONSE,
    b"connection": _CONNECTION,
    b"upstream": _UPSTREAM_ATTRIBUTES,
    b"xds": _XDS,
    **_PEERS,
}

FAMILIES = frozenset(_BY_FAMILY)

ATTRIBUTES: Mapping[tuple[bytes, bytes], Reader] = {
    (family, name): read for family, readers in _BY_FAMILY.items() for name, read in readers.items()
}
