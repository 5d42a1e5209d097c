"""What Envoy itself does around the plugins: before the first, and behind the last.

The Envoy meant here is the one the tests run: ``generate_request_id`` off, server header passed
through, ``suppress_envoy_headers`` on, HTTP/2 on both sides. Each rule was measured on Envoy
1.40; source: source/common/http/header_utility.cc (``checkRequiredRequestHeaders``),
source/common/http/conn_manager_utility.cc.
"""

import re
import time
from collections.abc import Iterator
from functools import lru_cache
from operator import itemgetter

from wasmctl.host.header_map import HeaderMap, MapKind
from wasmctl.host.local_reply import NO_ROUTE, LocalReply
from wasmctl.messages import Message

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
_REQUEST_HEADERS = MapKind.REQUEST_HEADERS  # members of enumerations are slow to find
_NAMES: set[bytes] = set()  # names that were looked at, and can be written
_MOST_NAMES = 4096
_VALUE_OF = itemgetter(1)
_SCHEMES = (b"http", b"https")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


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
