"""The attributes of a stream's two messages: the families `request` and `response`.

Source: Envoy source/extensions/filters/common/expr/context.cc; measured on Envoy 1.40.
"""

from collections.abc import Callable, Iterator, Mapping

from wasmctl.abi.types import MapType
from wasmctl.host import local_reply
from wasmctl.host.context import HttpContext
from wasmctl.host.header_map import HeaderMap
from wasmctl.host.values import Duration, Timestamp, Value

Reader = Callable[[HttpContext], Value | None]


class _Headers(Mapping[bytes, Value]):
    """A map's headers by their names, in any case; the values of one name are joined."""

    def __init__(self, headers: HeaderMap) -> None:
        self._headers = headers

    def __getitem__(self, name: bytes) -> bytes:
        values = self._headers.values(name)
        if not values:
            raise KeyError(name)
        return b",".join(values)

    def __iter__(self) -> Iterator[bytes]:
        return iter(dict.fromkeys(name for name, _ in self._headers.pairs))

    def __len__(self) -> int:
        return len(set(self))


def _map(kind: MapType) -> Reader:
    def read(context: HttpContext) -> Value:
        headers = context.readable_map(kind)
        return _Headers(headers) if headers is not None else {}

    return read


def _map_size(kind: MapType) -> Reader:
    def read(context: HttpContext) -> Value:
        headers = context.readable_map(kind)
        return headers.byte_size if headers is not None else 0

    return read


def _request_headers(context: HttpContext) -> HeaderMap | None:
    return context.readable_map(MapType.HTTP_REQUEST_HEADERS)


def _request_header(name: bytes) -> Reader:
    def read(context: HttpContext) -> Value | None:
        headers = _request_headers(context)
        return headers.get(name) if headers else None

    return read


def _url_path(context: HttpContext) -> Value | None:
    headers = _request_headers(context)
    return (headers.get(b":path") or b"").partition(b"?")[0] if headers else None


def _query(context: HttpContext) -> Value | None:
    headers = _request_headers(context)
    if headers is None:
        return None
    return (headers.get(b":path") or b"").partition(b"?")[2].partition(b"#")[0]


def _request_size(context: HttpContext) -> Value:
    headers = _request_headers(context)
    declared = (headers.get(b"content-length") or b"") if headers else b""
    return int(declared) if declared.isdigit() else context.stream.from_client.sent


def _request_total_size(context: HttpContext) -> Value:
    headers = _request_headers(context)
    return context.stream.from_client.sent + (headers.byte_size if headers else 0)


def _age(context: HttpContext) -> Duration:
    return Duration(context.machine.shared.clock.nanoseconds - context.stream.began)


def _request_duration(context: HttpContext) -> Value | None:
    return _age(context) if context.stream.is_over else None


def _request_time(context: HttpContext) -> Value:
    return Timestamp(context.stream.began)


def _response_code(context: HttpContext) -> Value | None:
    return context.stream.client.status


def _flags(context: HttpContext) -> Value | None:
    return int(context.stream.flags)


def _code_details(context: HttpContext) -> Value | None:
    details = context.stream.details
    return None if details is None else details.encode()


def _response_size(context: HttpContext) -> Value:
    return context.stream.client.peer.body_size


def _response_total_size(context: HttpContext) -> Value:
    maps = (MapType.HTTP_RESPONSE_HEADERS, MapType.HTTP_RESPONSE_TRAILERS)
    found = [context.readable_map(kind) for kind in maps]
    return context.stream.client.peer.body_size + sum(
        headers.byte_size for headers in found if headers
    )


def _grpc_status(context: HttpContext) -> Value | None:
    """The call's own status, or the one that stands for the HTTP status."""
    for kind in (MapType.HTTP_RESPONSE_TRAILERS, MapType.HTTP_RESPONSE_HEADERS):
        headers = context.readable_map(kind)
        status = (headers.get(b"grpc-status") or b"") if headers else b""
        if status.isdigit():
            return int(status)
    code = context.stream.client.status
    return None if code is None else local_reply.grpc_status(code)


def _backend_latency(context: HttpContext) -> Value | None:
    """Known when the upstream's response has come to its end, behind its headers."""
    stream = context.stream
    is_behind = context.response.headers is None and stream.client.status is not None
    return _age(context) if is_behind and stream.router.is_connected else None


REQUEST: dict[bytes, Reader] = {
    b"path": _request_header(b":path"),
    b"url_path": _url_path,
    b"query": _query,
    b"host": _request_header(b":authority"),
    b"scheme": _request_header(b":scheme"),
    b"method": _request_header(b":method"),
    b"referer": _request_header(b"referer"),
    b"useragent": _request_header(b"user-agent"),
    b"id": _request_header(b"x-request-id"),
    b"time": _request_time,
    b"protocol": lambda context: context.machine.shared.protocol.value.encode(),
    b"duration": _request_duration,
    b"size": _request_size,
    b"total_size": _request_total_size,
    b"headers": _map(MapType.HTTP_REQUEST_HEADERS),
    b"headers_bytes": _map_size(MapType.HTTP_REQUEST_HEADERS),
}

RESPONSE: dict[bytes, Reader] = {
    b"code": _response_code,
    b"code_details": _code_details,
    b"flags": _flags,
    b"grpc_status": _grpc_status,
    b"size": _response_size,
    b"total_size": _response_total_size,
    b"headers": _map(MapType.HTTP_RESPONSE_HEADERS),
    b"headers_bytes": _map_size(MapType.HTTP_RESPONSE_HEADERS),
    b"trailers": _map(MapType.HTTP_RESPONSE_TRAILERS),
    b"backend_latency": _backend_latency,
}
