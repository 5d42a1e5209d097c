"""The kinds of filter state that can be made from a text, and what can be read of each.

A kind is the name under which Envoy's factories are registered, and the object's key. They were
found by asking Envoy 1.40 for every name that it contains.
"""

import ipaddress
from collections.abc import Callable, Mapping

from wasmctl.host.hostcall import UnimplementedError
from wasmctl.host.values import Octets, Value

_Make = Callable[[bytes], Value | None]
_U32, _I64, _U64 = (1 << 32) - 1, (1 << 63) - 1, (1 << 64) - 1


def _text(content: bytes) -> Value:
    return Octets(content)


def _unreadable(_content: bytes) -> None:
    """Make what cannot be read back."""


def _number(largest: int) -> _Make:
    def make(content: bytes) -> Value:
        value = int(content)
        if not 0 <= value <= largest:
            raise ValueError(f"it is not between 0 and {largest}")
        return Octets(b"%d" % value)

    return make


def _truth(content: bytes) -> Value:
    return Octets(b"true" if content == b"true" else b"false")


def _ip(content: bytes) -> Value:
    found = ipaddress.ip_address(content.decode(errors="replace"))
    shown = f"[{found}]:0" if isinstance(found, ipaddress.IPv6Address) else f"{found}:0"
    return Octets(shown.encode())


def _address(content: bytes) -> Value:
    """Make an address and port, which has parts, but tells of none."""
    host, _, port = content.decode(errors="replace").rpartition(":")
    ipaddress.ip_address(host.strip("[]"))
    int(port)
    return {}


def _proxy_info(content: bytes) -> None:
    """Make a host's name and a proxy's address, with a comma between them."""
    host, _, address = content.partition(b",")
    if not host:
        raise ValueError("it has no host")
    _address(address)


def _protocol(_content: bytes) -> Value:
    raise UnimplementedError("set_envoy_filter_state envoy.ai.llm_protocol.request")


KINDS: Mapping[bytes, _Make] = {
    b"envoy.ai.llm_protocol.request": _protocol,
    b"envoy.ai.model.request": _text,
    b"envoy.filters.listener.original_dst.local_ip": _address,
    b"envoy.filters.listener.original_dst.remote_ip": _address,
    b"envoy.hashable_string": _text,
    b"envoy.network.application_protocols": _unreadable,
    b"envoy.network.ip": _ip,
    b"envoy.network.network_namespace": _text,
    b"envoy.network.transport_socket.http_11_proxy.info": _proxy_info,
    b"envoy.network.transport_socket.original_dst_address": _address,
    b"envoy.network.upstream_server_name": _text,
    b"envoy.network.upstream_subject_alt_names": _text,
    b"envoy.ratelimit.hits_addend": _number(_I64),
    b"envoy.router.debug_config": _unreadable,
    b"envoy.string": _text,
    b"envoy.tcp_proxy.cluster": _text,
    b"envoy.tcp_proxy.disable_tunneling": _truth,
    b"envoy.tcp_proxy.per_connection_idle_timeout_ms": _number(_U64),
    b"envoy.upstream.dynamic_host": _text,
    b"envoy.upstream.dynamic_port": _number(_U32),
}
