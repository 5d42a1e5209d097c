"""Envoy's attributes of a stream, which plugins read as properties.

Source: Envoy source/extensions/filters/common/expr/context.cc; each was read from Envoy 1.40 in
each phase. What is taken from the request's headers vanishes with the plugin's sight of them,
and comes back for the log.
"""

from collections.abc import Callable

from wasmctl.abi.types import MapType
from wasmctl.host import edge
from wasmctl.host.context import HttpContext
from wasmctl.host.header_map import HeaderMap
from wasmctl.messages import Pair

Value = bytes | int | bool | tuple[Pair, ...] | None
_Reader = Callable[[HttpContext], Value]


class WholeError(Exception):
    """The path names a whole, of which only the parts have values."""


class MissingHereError(Exception):
    """Envoy has this attribute, this host not yet."""


def attribute(context: HttpContext, path: tuple[bytes, ...]) -> Value:
    """Return an attribute's value, None where it has none now.

    Raises WholeError, and MissingHereError for what is still to come.
    """
    if path[0] in _TO_COME:
        raise MissingHereError(b".".join(path).decode(errors="replace"))
    if path == (b"connection_id",):
        return _CONNECTION_ID
    if path[0] not in _FAMILIES:
        return None
    if len(path) == 1:
        raise WholeError
    if path[:2] in _MAPS:
        return _entry(context.readable_map(_MAPS[path[:2]]), path[2:])
    read = _ATTRIBUTES.get(path)
    return read(context) if read else None


def _entry(headers: HeaderMap | None, path: tuple[bytes, ...]) -> Value:
    """Return one header of a map, or all; values of one name are joined, whatever the name."""
    if headers is None:
        return None if path else ()
    if path:
        return b",".join(headers.values(path[0])) if headers.values(path[0]) else None
    names = dict.fromkeys(name for name, _ in headers.pairs)
    return tuple((name, b",".join(headers.values(name))) for name in names)


def _request_headers(context: HttpContext) -> HeaderMap | None:
    return context.readable_map(MapType.HTTP_REQUEST_HEADERS)


def _request_header(name: bytes) -> _Reader:
    def read(context: HttpContext) -> Value:
        headers = _request_headers(context)
        return headers.get(name) if headers else None

    return read


def _path_part(index: int) -> _Reader:
    """The path before its question mark, or what follows it."""

    def read(context: HttpContext) -> Value:
        headers = _request_headers(context)
        path = headers.get(b":path") if headers else None
        return None if path is None else path.partition(b"?")[index]

    return read


def _request_size(context: HttpContext) -> Value:
    headers = _request_headers(context)
    declared = (headers.get(b"content-length") or b"") if headers else b""
    return int(declared) if declared.isdigit() else context.stream.request_bytes


def _request_total_size(context: HttpContext) -> Value:
    headers = _request_headers(context)
    return context.stream.request_bytes + (headers.byte_size if headers else 0)


def _duration(context: HttpContext) -> Value:
    stream = context.stream
    return context.machine.shared.clock.nanoseconds - stream.began if context.is_logging else None


def _response_total_size(context: HttpContext) -> Value:
    maps = (MapType.HTTP_RESPONSE_HEADERS, MapType.HTTP_RESPONSE_TRAILERS)
    found = [context.readable_map(kind) for kind in maps]
    return context.stream.client.body_size + sum(headers.byte_size for headers in found if headers)


def _grpc_status(context: HttpContext) -> Value:
    """The call's own status, or the one that stands for the HTTP status."""
    for kind in (MapType.HTTP_RESPONSE_TRAILERS, MapType.HTTP_RESPONSE_HEADERS):
        headers = context.readable_map(kind)
        status = (headers.get(b"grpc-status") or b"") if headers else b""
        if status.isdigit():
            return int(status)
    code = context.stream.response_code
    return None if code is None else edge.grpc_status(code)


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


_CONNECTION_ID = 1
_SOURCE = "127.0.0.1:40000"
_DESTINATION = "127.0.0.1:10000"

_MAPS: dict[tuple[bytes, ...], MapType] = {
    (b"request", b"headers"): MapType.HTTP_REQUEST_HEADERS,
    (b"response", b"headers"): MapType.HTTP_RESPONSE_HEADERS,
    (b"response", b"trailers"): MapType.HTTP_RESPONSE_TRAILERS,
}

_ATTRIBUTES: dict[tuple[bytes, ...], _Reader] = {
    (b"request", b"path"): _request_header(b":path"),
    (b"request", b"url_path"): _path_part(0),
    (b"request", b"query"): _path_part(2),
    (b"request", b"host"): _request_header(b":authority"),
    (b"request", b"scheme"): _request_header(b":scheme"),
    (b"request", b"method"): _request_header(b":method"),
    (b"request", b"referer"): _request_header(b"referer"),
    (b"request", b"useragent"): _request_header(b"user-agent"),
    (b"request", b"id"): _request_header(b"x-request-id"),
    (b"request", b"time"): lambda context: context.stream.began,
    (b"request", b"protocol"): lambda _: b"HTTP/2",
    (b"request", b"duration"): _duration,
    (b"request", b"size"): _request_size,
    (b"request", b"total_size"): _request_total_size,
    (b"response", b"code"): lambda context: context.stream.response_code,
    (b"response", b"code_details"): lambda context: context.stream.details.encode() or None,
    (b"response", b"flags"): lambda _: 0,
    (b"response", b"grpc_status"): _grpc_status,
    (b"response", b"size"): lambda context: context.stream.client.body_size,
    (b"response", b"total_size"): _response_total_size,
    (b"connection", b"id"): lambda _: _CONNECTION_ID,
    (b"connection", b"mtls"): lambda _: False,
    (b"connection", b"requested_server_name"): lambda _: b"",
    (b"source", b"address"): lambda _: _SOURCE.encode(),
    (b"source", b"port"): lambda _: _port(_SOURCE),
    (b"destination", b"address"): lambda _: _DESTINATION.encode(),
    (b"destination", b"port"): lambda _: _port(_DESTINATION),
}

_FAMILIES = {path[0] for path in _ATTRIBUTES}
_TO_COME = {b"xds", b"upstream", b"metadata", b"upstream_filter_state"}
