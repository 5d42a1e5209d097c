"""Foreign functions."""

import zlib

from tests.conformance.case import case
from tests.conformance.plugins import OUTSIDE, Statement

_CALL = "proxy_call_foreign_function"


def _varint(number: int) -> bytes:
    return bytes([number])


def _field(number: int, content: bytes) -> bytes:
    """Write a protobuf field of bytes."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _foreign(name: bytes, argument: bytes = b"") -> Statement:
    return (_CALL, name, argument)


CASES = (
    case(
        "foreign.unknown",
        "foreign.unknown",
        {
            each: [_foreign(b"unknown", b"x"), _foreign(b"")]
            for each in ("vm_start", "configure", "request_headers", "log")
        },
    ),
    case(
        "foreign.compress",
        "foreign.compress foreign.uncompress-bad",
        {
            "request_headers": [
                _foreign(b"uncompress", zlib.compress(b"hello hello hello")),
                _foreign(b"uncompress", b"not compressed"),
                _foreign(b"uncompress", b""),
                _foreign(b"uncompress", zlib.compress(b"")),
            ]
        },
    ),
    case(
        "foreign.no-result",
        "foreign.no-result",
        {
            "request_headers": [
                (_CALL, b"uncompress", zlib.compress(b"hello"), 0, 20),
                "(call $words (i32.const 2))",
                (_CALL, b"uncompress", zlib.compress(b"hello"), 16, 0),
                (_CALL, b"uncompress", b"bad", 16, 20),
                "(call $words (i32.const 2))",
                (_CALL, b"unknown", b"bad", 16, 20),
                (_CALL, OUTSIDE, 1, b"", 16, 20),
                (_CALL, b"uncompress", OUTSIDE, 1, 16, 20),
                (_CALL, b"uncompress", zlib.compress(b"hello"), OUTSIDE, 20),
                (_CALL, b"uncompress", zlib.compress(b"hello"), 16, OUTSIDE),
            ]
        },
    ),
    case(
        "foreign.clear-route-cache",
        "foreign.clear_route_cache",
        {
            each: [_foreign(b"clear_route_cache")]
            for each in ("configure", "request_headers", "response_headers", "log")
        },
    ),
    case(
        "foreign.filter-state",
        "foreign.filter-state",
        {
            "request_headers": [
                _foreign(
                    b"set_envoy_filter_state", _field(1, b"unknown.factory") + _field(2, b"v")
                ),
                _foreign(b"set_envoy_filter_state", _field(1, b"envoy.string") + _field(2, b"v")),
                _foreign(b"set_envoy_filter_state", b"\xff"),
                _foreign(b"set_envoy_filter_state", b""),
                ("proxy_get_property", b"filter_state\0envoy.string"),
                _foreign(
                    b"set_envoy_filter_state",
                    _field(1, b"envoy.tcp_proxy.cluster") + _field(2, b"other"),
                ),
                ("proxy_get_property", b"filter_state\0envoy.tcp_proxy.cluster"),
            ]
        },
    ),
    case(
        "foreign.declare-property",
        "foreign.declare_property",
        {
            "configure": [
                _foreign(b"declare_property", _field(1, b"declared")),
                _foreign(b"declare_property", _field(1, b"declared")),
                _foreign(b"declare_property", _field(1, b"fixed") + b"\x10\x01"),
                _foreign(b"declare_property", b"\xff"),
            ],
            "request_headers": [
                ("proxy_set_property", b"declared", b"v"),
                ("proxy_get_property", b"declared"),
                ("proxy_set_property", b"fixed", b"v"),
                ("proxy_set_property", b"fixed", b"w"),
                ("proxy_get_property", b"fixed"),
            ],
        },
    ),
    case(
        "foreign.expr",
        "foreign.expr foreign.expr-bad",
        {
            "request_headers": [
                _foreign(b"expr_create", b"request.path"),
                _foreign(b"expr_create", b"request.method == 'GET'"),
                _foreign(b"expr_create", b"(("),
                _foreign(b"expr_evaluate", b"\x01\0\0\0"),
                _foreign(b"expr_evaluate", b"\x02\0\0\0"),
                _foreign(b"expr_evaluate", b"\x09\0\0\0"),
                _foreign(b"expr_evaluate", b"\x01"),
                _foreign(b"expr_delete", b"\x01\0\0\0"),
                _foreign(b"expr_delete", b"\x09\0\0\0"),
                _foreign(b"expr_evaluate", b"\x01\0\0\0"),
            ]
        },
    ),
)
