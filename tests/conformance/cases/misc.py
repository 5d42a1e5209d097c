"""Hostcalls that stand alone, gRPC's tokens, and restricted capabilities."""

from tests.conformance.case import Case, Exchange, Wait, case
from tests.conformance.plugins import HTTP_CALLBACKS, OUTSIDE, Statement

_BASE = frozenset(
    f"proxy_on_{name}" for name in HTTP_CALLBACKS if name not in ("request_headers", "log")
)
_CALLS: list[Statement] = [
    ("proxy_log", 2, b"here"),
    ("proxy_get_header_map_value", 0, b":path"),
    ("proxy_add_header_map_value", 0, b"x", b"y"),
    ("proxy_set_property", b"mine", b"v"),
    ("fd_write", 1, 2048, 0, 16),
    ("environ_sizes_get", 16, 20),
]


def _restricted(name: str, rows: str, allowed: frozenset[str]) -> Case:
    return case(
        f"capability.{name}",
        rows,
        {"request_headers": _CALLS, "response_headers": _CALLS[:2], "_initialize": []},
        settings={"capabilities": allowed},
    )


CASES = (
    case(
        "misc.time",
        "misc.time misc.time-memory",
        {
            "request_headers": [
                ("proxy_get_current_time_nanoseconds",),
                ("proxy_get_current_time_nanoseconds", OUTSIDE),
                ("proxy_get_current_time_nanoseconds", OUTSIDE - 7),
                ("proxy_get_current_time_nanoseconds", OUTSIDE - 8),
            ]
        },
    ),
    case(
        "misc.status",
        "misc.status",
        {each: [("proxy_get_status",)] for each in ("configure", "request_headers", "log", "done")},
    ),
    case(
        "misc.pthread-equal",
        "misc.pthread_equal",
        {"request_headers": [("pthread_equal", 1, 1), ("pthread_equal", 1, 2)]},
    ),
    case(
        "misc.resolve-dns",
        "misc.resolve-dns",
        {
            "request_headers": [("envoy_resolve_dns", b"127.0.0.1", 16)],
            "envoy_on_resolve_dns": [("proxy_get_buffer_bytes", 8, 0, 99)],
        },
        steps=(Exchange(), Wait(milliseconds=200)),
    ),
    case(
        "misc.memory-growth",
        "misc.pthread_equal",
        {"request_headers": [("emscripten_notify_memory_growth", 0)]},
    ),
    case(
        "grpc.tokens",
        "grpc.wrong-token",
        {
            "request_headers": [
                call
                for token in (0, 1, 2, 3, 4, 5, 6, 7, -1)
                for call in (
                    ("proxy_grpc_send", token, b"m", 0),
                    ("proxy_grpc_cancel", token),
                    ("proxy_grpc_close", token),
                )
            ]
        },
    ),
    _restricted("callbacks", "capability.callback", _BASE | {"proxy_log"}),
    _restricted(
        "hostcalls",
        "capability.hostcall capability.exempt",
        _BASE | {"proxy_on_request_headers", "proxy_log", "proxy_set_property"},
    ),
    _restricted("no-log", "capability.hostcall", _BASE | {"proxy_on_request_headers"}),
    _restricted(
        "wasi",
        "capability.wasi",
        _BASE | {"proxy_on_request_headers", "proxy_log", "environ_sizes_get"},
    ),
    _restricted("empty", "capability.hostcall", frozenset()),
)
