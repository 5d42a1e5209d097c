"""Responses that no upstream made: Envoy's own, and those of plugins.

Each was measured on Envoy 1.40; source: source/common/http/utility.cc (``prepareLocalReply``),
source/common/grpc/common.cc.
"""

import re
from dataclasses import dataclass
from enum import IntFlag

from wasmctl.host.header_map import HeaderMap, MapKind
from wasmctl.messages import Message, Pair

_UNSAFE_IN_GRPC_MESSAGE = re.compile(rb"[^ -$&-~]")
_GRPC_STATUSES = {400: 13, 401: 16, 403: 7, 404: 12, 429: 14, 502: 14, 503: 14, 504: 14}
_GRPC_UNKNOWN = 2
_GRPC_LAST = 16


class ResponseFlag(IntFlag):
    """Why a stream ended as it did (Envoy envoy/stream_info/stream_info.h)."""

    NO_HEALTHY_UPSTREAM = 0x2
    UPSTREAM_REQUEST_TIMEOUT = 0x4
    UPSTREAM_REMOTE_RESET = 0x10
    UPSTREAM_CONNECTION_FAILURE = 0x20
    NO_ROUTE_FOUND = 0x100
    DOWNSTREAM_CONNECTION_TERMINATION = 0x4000
    DOWNSTREAM_REMOTE_RESET = 0x1000_0000


@dataclass(frozen=True, kw_only=True)
class LocalReply:
    """A response that no upstream made.

    Attributes:
        details: why, as the property ``response.code_details`` tells it.
        grpc_status: for gRPC requests; None to derive it from ``status``.
        flags: why in Envoy's other words, those of the property ``response.flags``.

    """

    status: int
    details: str = ""
    body: bytes = b""
    headers: tuple[Pair, ...] = ()
    grpc_status: int | None = None
    flags: "ResponseFlag | None" = None


PLUGIN_FAILED = LocalReply(status=503, details="wasm_fail_stream")
NO_ROUTE = LocalReply(status=404, details="route_not_found", flags=ResponseFlag.NO_ROUTE_FOUND)
NO_HEALTHY_UPSTREAM = LocalReply(
    status=503,
    details="no_healthy_upstream",
    body=b"no healthy upstream",
    flags=ResponseFlag.NO_HEALTHY_UPSTREAM,
)
_NO_RESPONSE = "upstream connect error or disconnect/reset before headers. reset reason: "
CONNECTION_REFUSED = LocalReply(
    status=503,
    details=(
        "upstream_reset_before_response_started"
        "{remote_connection_failure|delayed_connect_error:_Connection_refused}"
    ),
    body=f"{_NO_RESPONSE}remote connection failure".encode(),
    flags=ResponseFlag.UPSTREAM_CONNECTION_FAILURE,
)
UPSTREAM_RESET = LocalReply(
    status=503,
    details="upstream_reset_before_response_started{remote_reset}",
    body=f"{_NO_RESPONSE}remote reset".encode(),
    flags=ResponseFlag.UPSTREAM_REMOTE_RESET,
)
# How a client can give up, by what it ends: its stream, or its connection.
GIVEN_UP = {
    "client": ("http2.remote_reset", ResponseFlag.DOWNSTREAM_REMOTE_RESET),
    "connection": ("downstream_remote_disconnect", ResponseFlag.DOWNSTREAM_CONNECTION_TERMINATION),
}
RESET_AFTER_START = "upstream_reset_after_response_started{remote_reset}"
RESPONSE_TIMEOUT = LocalReply(
    status=504,
    details="response_timeout",
    body=b"upstream request timeout",
    flags=ResponseFlag.UPSTREAM_REQUEST_TIMEOUT,
)
REQUEST_TOO_LARGE = LocalReply(
    status=413, details="request_payload_too_large", body=b"Payload Too Large"
)
RESPONSE_TOO_LARGE = LocalReply(
    status=500, details="response_payload_too_large", body=b"Internal Server Error"
)


def compose(reply: LocalReply, request: Message) -> tuple[HeaderMap, bytes]:
    """Return a local reply's headers and body, as the plugins of the response see them."""
    if _is_grpc(request):
        return _grpc_headers(reply), b""
    headers = HeaderMap(MapKind.RESPONSE_HEADERS, ((b":status", b"%d" % reply.status),))
    for name, value in reply.headers:
        if name.lower() != b":status":
            headers.add(name, value)
    if not reply.body:
        headers.remove(b"content-length")
        headers.remove(b"content-type")
        return headers, b""
    headers.put(b"content-length", b"%d" % len(reply.body))
    if b"content-type" not in headers.first:
        headers.add(b"content-type", b"text/plain")
    is_head = (b":method", b"HEAD") in request.headers
    return headers, b"" if is_head else reply.body


def _is_grpc(request: Message) -> bool:
    kinds = request.values(b"content-type")
    return bool(kinds) and (
        kinds[0] == b"application/grpc" or kinds[0].startswith(b"application/grpc+")
    )


def _grpc_headers(reply: LocalReply) -> HeaderMap:
    """Return what a gRPC client gets: headers alone, with the status of the call."""
    status = reply.grpc_status
    if status is None or not 0 <= status <= _GRPC_LAST:
        status = grpc_status(reply.status)
    headers = HeaderMap(MapKind.RESPONSE_HEADERS, ((b":status", b"200"),))
    for name, value in reply.headers:
        if name.lower() not in (b":status", b"content-length"):
            headers.add(name, value)
    headers.put(b"content-type", b"application/grpc")
    headers.put(b"grpc-status", b"%d" % status)
    if reply.body:
        headers.put(b"grpc-message", _UNSAFE_IN_GRPC_MESSAGE.sub(_escape, reply.body))
    return headers


def _escape(found: "re.Match[bytes]") -> bytes:
    return b"%%%02X" % found[0][0]


def grpc_status(http_status: int) -> int:
    """Return the gRPC status that stands for an HTTP status."""
    return _GRPC_STATUSES.get(http_status, _GRPC_UNKNOWN)
