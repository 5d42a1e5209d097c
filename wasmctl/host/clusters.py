"""Clusters: where callouts lead, and how Envoy's own client there writes requests and failures.

Source: Envoy source/extensions/common/wasm/context.cc (``httpCall``),
source/common/http/async_client_impl.cc, source/common/router/router.cc; measured on Envoy 1.40.
"""

from collections.abc import Callable

from wasmctl import messages
from wasmctl.abi.types import Status
from wasmctl.host.callout import Callout
from wasmctl.host.header_map import HeaderMap, MapKind
from wasmctl.host.hostcall import HostcallError, UnimplementedError
from wasmctl.host.local_reply import LocalReply
from wasmctl.messages import Message, Pair
from wasmctl.outcomes import Failure, Outcome, reply

Cluster = Callable[[Callout], Outcome]

ORIGIN = "upstream"
"""The cluster that requests go to; a plugin may call it, too."""

_REQUIRED = (b":method", b":path", b":authority")
_SCHEMES = (b"http", b"https")
_INTERNAL = b"x-envoy-internal"
_EXPECTED_TIMEOUT = b"x-envoy-expected-rq-timeout-ms"
# What tells Envoy's router how to go about a request, and goes no further; of the first two the
# shorter counts.
_TIMEOUTS = (b"x-envoy-upstream-rq-timeout-ms", b"x-envoy-upstream-rq-per-try-timeout-ms")
_IDLE = (
    *(b"x-envoy-max-retries", b"x-envoy-hedge-on-per-try-timeout"),
    *(b"x-envoy-retriable-status-codes", b"x-envoy-retriable-header-names"),
    b"x-envoy-upstream-alt-stat-name",
)
_STILL_TO_COME = (
    *(b"x-envoy-retry-on", b"x-envoy-retry-grpc-on"),
    *(b"x-envoy-upstream-rq-timeout-alt-response", b"x-envoy-upstream-stream-duration-ms"),
)
_RESET_REASON = "upstream connect error or disconnect/reset before headers. reset reason: "

TIMED_OUT = LocalReply(status=504, body=b"upstream request timeout")

FAILURES = {
    Failure.REFUSED: LocalReply(
        status=503, body=f"{_RESET_REASON}remote connection failure".encode()
    ),
    Failure.RESET: LocalReply(status=503, body=f"{_RESET_REASON}remote reset".encode()),
}


def origin(_callout: Callout) -> Outcome:
    """Answer a callout to the origin, where nobody says how: with 200."""
    return reply(messages.response(200))


def outgoing(pairs: tuple[Pair, ...], body: bytes, timeout: int) -> tuple[Message, int]:
    """Return a callout as it leaves Envoy, and the milliseconds it has; 0: as many as it wants.

    Trailers never leave: Envoy's client has no support for them. Raises HostcallError.
    """
    headers = HeaderMap(MapKind.REQUEST_HEADERS)
    headers.assign(pairs)
    _check(headers)
    for name in _STILL_TO_COME:
        if name in headers.first:
            raise UnimplementedError(f"proxy_http_call with {name.decode()}")
    if body:
        headers.put(b"content-length", b"%d" % len(body))
    headers.put(_INTERNAL, b"true")
    timeout = _final_timeout(headers, timeout)
    _settle_scheme(headers)
    return Message(headers=headers.pairs, chunks=(body,) if body else ()), timeout


def _check(headers: HeaderMap) -> None:
    missing = [name.decode() for name in _REQUIRED if name not in headers.first]
    if missing:
        found = f"{len(headers)} headers" if len(headers) else "headers, which are none,"
        reason = f"the {found} have no {' and no '.join(missing)}"
        raise HostcallError(Status.BAD_ARGUMENT, reason)


def _final_timeout(headers: HeaderMap, timeout: int) -> int:
    """Let headers have their way over the argument, and tell the upstream what holds."""
    whole, once = (_number(headers.first.get(name)) for name in _TIMEOUTS)
    timeout = timeout if whole is None else whole
    if once and (once < timeout or not timeout):
        timeout = once
    for name in (*_TIMEOUTS, *_IDLE):
        headers.remove(name)
    if timeout:
        headers.put(_EXPECTED_TIMEOUT, b"%d" % timeout)
    return timeout


def _settle_scheme(headers: HeaderMap) -> None:
    """Leave a scheme that is one; else take that of x-forwarded-proto, if it is one."""
    offered = [headers.first.get(name, b"") for name in (b":scheme", b"x-forwarded-proto")]
    schemes = [scheme for scheme in offered if scheme.lower() in _SCHEMES]
    headers.put(b":scheme", schemes[0] if schemes else b"http")


def _number(value: bytes | None) -> int | None:
    return int(value) if value is not None and value.isdigit() else None
