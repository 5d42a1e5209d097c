"""What Envoy itself does around the plugins: before the first, behind the last, and instead.

The Envoy meant here is the one the tests run: ``generate_request_id`` off, server header passed
through, ``suppress_envoy_headers`` on, HTTP/2 on both sides. Each rule was measured on Envoy
1.40; source: source/common/http/header_utility.cc (``checkRequiredRequestHeaders``),
source/common/http/utility.cc (``prepareLocalReply``), source/common/grpc/common.cc.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntFlag
from functools import lru_cache
from operator import itemgetter

from wasmctl.host.header_map import HeaderMap, MapKind
from wasmctl.messages import Message, Pair

_NAME = re.compile(rb":?[!#$%&'*+\-.^_`|~0-9A-Za-z]*")
_UNSAFE_VALUE = re.compile(rb"[\0-\x08\n-\x1f\x7f]")
# A number as absl::SimpleAtoi reads it: white space around it, and a plus, do not matter.
_STATUS = re.compile(rb"\s*\+?(\d+)\s*")
_ESCAPED = re.compile(rb'[\0-\x1f"\\]')
_ESCAPES = {b"\t": rb"\t", b"\n": rb"\n", b"\r": rb"\r", b'"': rb"\"", b"\\": rb"\\"}
# What a client may not steer Envoy with (conn_manager_utility.cc, ``cleanInternalHeaders``).
_INTERNAL = frozenset(
    f"x-envoy-{name}".encode()
    for name in (
        *("internal", "retry-on", "retry-grpc-on", "max-retries", "upstream-alt-stat-name"),
        *("upstream-rq-timeout-ms", "upstream-rq-per-try-timeout-ms", "expected-rq-timeout-ms"),
        *("upstream-rq-timeout-alt-response", "force-trace", "ip-tags", "original-url"),
        *("hedge-on-per-try-timeout", "retriable-status-codes", "retriable-header-names"),
        "upstream-stream-duration-ms",
    )
)
# What is for one connection only (``mutateResponseHeaders``, and the codec of HTTP/2).
_OF_ONE_HOP = frozenset(
    {b"connection", b"transfer-encoding", b"keep-alive", b"proxy-connection", b"upgrade"}
)
_UNSAFE_IN_GRPC_MESSAGE = re.compile(rb"[^ -$&-~]")
_REQUEST_HEADERS = MapKind.REQUEST_HEADERS  # members of enumerations are slow to find
_NAMES: set[bytes] = set()  # names that were looked at, and can be written
_MOST_NAMES = 4096
_VALUE_OF = itemgetter(1)
_SCHEMES = (b"http", b"https")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
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


def admit(request: Message) -> HeaderMap:
    """Return a request's headers as the first plugin sees them."""
    headers = HeaderMap(_REQUEST_HEADERS, request.headers)
    if b"cookie" in headers.first:  # HTTP/2 clients may cut it up (RFC 9113, 8.2.3)
        headers.replace(b"cookie", b"; ".join(headers.values(b"cookie")))
    if b"x-forwarded-proto" not in headers.first:
        headers.add(b"x-forwarded-proto", b"http")
    if headers.first.get(b"expect") == b"100-continue":  # Envoy answers this itself
        headers.remove(b"expect")
    _remove(headers, _INTERNAL)
    return headers


def _remove(headers: HeaderMap, names: frozenset[bytes]) -> None:
    if not names.isdisjoint(headers.first):
        for name in names:
            headers.remove(name)


def find_route(headers: HeaderMap) -> LocalReply | None:
    """Refuse a request for which there is no route, as the router does at once."""
    is_absolute = headers.first.get(b":path", b"").startswith(b"/")
    if is_absolute and b"x-forwarded-proto" in headers.first:
        return None
    return NO_ROUTE


def prepare_request(headers: HeaderMap) -> LocalReply | None:
    """Complete a request's headers for the upstream's connection, or refuse them there."""
    refusal = check_request(headers)
    if refusal is None and headers.first.get(b":scheme", b"").lower() not in _SCHEMES:
        headers.put(b":scheme", b"http")
    return refusal


def check_request(headers: HeaderMap) -> LocalReply | None:
    """Refuse a request that cannot be written to an upstream's connection."""
    fault = _request_fault(headers)
    return _refusal(503, "request", fault) if fault else None


def _request_fault(headers: HeaderMap) -> bytes | None:
    if b":method" not in headers.first:
        return b"missing required header: :method"
    return next(_header_faults(headers)) if is_unsafe(headers) else None


def _header_faults(headers: HeaderMap) -> Iterator[bytes]:
    for name, value in headers.pairs:
        if not _is_name(name):
            yield b"invalid header name: " + _ESCAPED.sub(_escaped, name)
        if _UNSAFE_VALUE.search(value):
            yield b"invalid header value for: " + name


def _escaped(found: "re.Match[bytes]") -> bytes:
    """Write a byte as JSON does."""
    return _ESCAPES.get(found[0], b"\\u%04x" % found[0][0])


def _is_name(name: bytes) -> bool:
    return bool(_NAME.fullmatch(name))


def check_response(headers: HeaderMap) -> LocalReply | None:
    """Refuse a response that has no status the client could read."""
    if status_of(headers) is not None:
        return None
    return _refusal(502, "response", b"missing required header: :status")


def is_unsafe(headers: HeaderMap) -> bool:
    """Whether a header has a name or value that HTTP forbids."""
    if not _NAMES.issuperset(headers.first):
        if not all(map(_is_name, headers.first)):
            return True
        if len(_NAMES) < _MOST_NAMES:
            _NAMES.update(headers.first)
    values = b"".join(map(_VALUE_OF, headers.pairs))
    # What can be printed is sound, which is quickly seen; a tab, say, cannot, and is sound as well.
    is_printable = values.decode("latin-1").isprintable()
    return not is_printable and _UNSAFE_VALUE.search(values) is not None


def declared_size(headers: HeaderMap) -> int | None:
    """Return what content-length says; None where it says nothing."""
    declared = headers.first.get(b"content-length", b"")
    return int(declared) if declared.isdigit() else None


def status_of(headers: HeaderMap) -> int | None:
    """Return a response's status, as Envoy reads it; None where it is no number."""
    return _status(headers.first.get(b":status", b""))


@lru_cache(maxsize=1024)
def _status(value: bytes) -> int | None:
    found = _STATUS.fullmatch(value)
    return int(found[1]) if found else None


def _refusal(status: int, side: str, fault: bytes) -> LocalReply:
    why = fault.decode(errors="replace").replace(" ", "_")
    details = f"filter_removed_required_{side}_headers{{{why}}}"
    return LocalReply(status=status, details=details, body=fault)


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


def finish(headers: HeaderMap, seconds: int) -> None:
    """Add the date to a response that has none, and take away what is not for the client."""
    _remove(headers, _OF_ONE_HOP)
    if b"date" not in headers.first:
        headers.add(b"date", _http_date(seconds))


@lru_cache(maxsize=16)
def _http_date(seconds: int) -> bytes:
    """Write a time as RFC 9110, 5.6.7, wants it; `email.utils` would cost 15 ms to import."""
    at = time.gmtime(seconds)
    day, month = _DAYS[at.tm_wday], _MONTHS[at.tm_mon - 1]
    clock = f"{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02}"
    return f"{day}, {at.tm_mday:02} {month} {at.tm_year} {clock} GMT".encode()
