"""What Envoy itself does around the plugins."""

from tests.conformance.case import Case, answer, case
from tests.conformance.plugins import Returns, Statement
from wasmctl import messages
from wasmctl.abi.wire import encode_pairs

_ADD, _REPLACE = "proxy_add_header_map_value", "proxy_replace_header_map_value"
_REMOVE = "proxy_remove_header_map_value"
_PROPERTY = "proxy_get_property"
_POST = messages.request("/", method="POST", chunks=(b"abc",))
_WHY: list[Statement] = [(_PROPERTY, b"response\0code_details"), (_PROPERTY, b"response\0code")]
_ENVOY_HEADERS = tuple(
    (f"x-envoy-{name}".encode(), b"1")
    for name in (
        *("internal", "retry-on", "retry-grpc-on", "max-retries", "upstream-alt-stat-name"),
        *("upstream-rq-timeout-ms", "upstream-rq-per-try-timeout-ms", "expected-rq-timeout-ms"),
        *("upstream-rq-timeout-alt-response", "force-trace", "ip-tags", "original-path"),
        *("original-host", "original-url", "hedge-on-per-try-timeout", "retriable-status-codes"),
        *("retriable-header-names", "decorator-operation", "downstream-service-cluster"),
        *("downstream-service-node", "external-address", "attempt-count", "is-timeout-retry"),
        *("upstream-stream-duration-ms", "unknown"),
    )
)
_BIG = tuple(bytes([65 + number]) * 16384 for number in range(5))


def _request(name: str, rows: str, *calls: Statement) -> Case:
    """Change the request's headers, and see what becomes of it."""
    return case(f"edge.request-{name}", rows, {"request_headers": calls, "log": _WHY})


def _response(name: str, rows: str, *calls: Statement) -> Case:
    return case(
        f"edge.response-{name}",
        rows,
        {"response_headers": calls, "log": _WHY},
        reply=answer(chunks=(b"ABC",)),
    )


def _limit(name: str, rows: str, returns: Returns) -> Case:
    return case(
        f"edge.limit-{name}",
        rows,
        {"log": _WHY},
        returns=returns,
        request=messages.request("/", method="POST", chunks=_BIG),
        reply=answer(chunks=_BIG),
        limit=65535,
    )


CASES = (
    *(
        _request(f"without-{name.strip(':')}", rows, (_REMOVE, 0, name.encode()))
        for name, rows in {
            ":path": "edge.no-path",
            ":method": "edge.no-method",
            ":authority": "edge.no-authority",
            ":scheme": "edge.no-scheme",
            "x-forwarded-proto": "edge.no-forwarded-proto",
        }.items()
    ),
    _request("emptied", "edge.emptied", ("proxy_set_header_map_pairs", 0, b"")),
    *(
        _request(f"name-{number}", "edge.bad-name", (_ADD, 0, name, b"v"))
        for number, name in enumerate(
            (
                *(b"bad name", b"n\xc3\xa9", b":foo", b"", b"a\r\nb", b"a:b", b"a\tb", b"a\0b"),
                *(b'a"b', b"a'b", b"a\\b", b"a\x01b", b"a%b", b"a/b", b"a\x7fb"),
            )
        )
    ),
    *(
        _request(f"value-{number}", "edge.bad-value edge.odd-bytes", (_ADD, 0, b"x-v", value))
        for number, value in enumerate((b"a\r\nb", b"a\nb", b"a\0b", b"\x80\xff", b"\t", b"\x01"))
    ),
    _request("path-empty", "edge.no-path", (_REPLACE, 0, b":path", b"")),
    _request("path-odd", "edge.reroute", (_REPLACE, 0, b":path", b"no-slash")),
    _request("path", "edge.reroute", (_REPLACE, 0, b":path", b"/other?q")),
    _request("method-odd", "edge.reroute", (_REPLACE, 0, b":method", b"ODD one")),
    _request("method-empty", "edge.no-method", (_REPLACE, 0, b":method", b"")),
    _request("authority-empty", "edge.no-authority", (_REPLACE, 0, b":authority", b"")),
    _request("scheme-odd", "edge.no-scheme", (_REPLACE, 0, b":scheme", b"ftp")),
    _request("proto-odd", "edge.no-forwarded-proto", (_REPLACE, 0, b"x-forwarded-proto", b"ftp")),
    _request("te", "edge.te-trailers", (_ADD, 0, b"te", b"trailers")),
    _request("connection", "edge.te-trailers", (_ADD, 0, b"connection", b"close")),
    _request("upgrade", "edge.te-trailers", (_ADD, 0, b"upgrade", b"websocket")),
    _request("length", "edge.length-kept", (_ADD, 0, b"content-length", b"3")),
    _response("without-status", "edge.no-status", (_REMOVE, 2, b":status")),
    _response("without-all", "edge.no-status", ("proxy_set_header_map_pairs", 2, b"")),
    *(
        _response(
            f"status-{number}", "edge.bad-status edge.odd-status", (_REPLACE, 2, b":status", value)
        )
        for number, value in enumerate(
            (b"abc", b"", b"418", b"2000", b"-1", b" 200", b"99", b"+201", b"2 0", b"0201")
        )
    ),
    _response("value", "edge.odd-bytes", (_ADD, 2, b"x-v", b"\x80\xff")),
    _response("length", "edge.length-kept", (_ADD, 2, b"content-length", b"3")),
    _response("date-removed", "edge.odd-status", (_REMOVE, 2, b"date")),
    *(
        _response(name, "edge.hop-headers", (_ADD, 2, name.encode(), b"close"))
        for name in (
            *("connection", "transfer-encoding", "keep-alive", "proxy-connection", "upgrade"),
            *("te", "server", "x-envoy-upstream-service-time", "x-envoy-decorator-operation"),
            *("x-request-id", "via", "trailer"),
        )
    ),
    case(
        "edge.proto-kept",
        "edge.proto-added",
        {"request_headers": [("proxy_get_header_map_pairs", 0)]},
        request=messages.request("/", headers=((b"x-forwarded-proto", b"https"),)),
    ),
    case(
        "edge.cookies",
        "edge.cookies",
        {"request_headers": [("proxy_get_header_map_pairs", 0)]},
        request=messages.request(
            "/", headers=((b"cookie", b"a=1"), (b"x", b"y"), (b"cookie", b"b=2"))
        ),
    ),
    case(
        "edge.te-trailers",
        "edge.te-trailers",
        {"request_headers": [("proxy_get_header_map_pairs", 0)]},
        request=messages.request("/", headers=((b"te", b"trailers"),)),
    ),
    case(
        "edge.response-changed-length",
        "edge.length-kept",
        {
            "response_body": [("proxy_set_buffer_bytes", 1, 0, 99, b"changed")],
            "log": [("proxy_get_header_map_value", 2, b"content-length")],
        },
        reply=answer(headers=((b"content-length", b"3"),), chunks=(b"ABC",)),
        unseen=("client",),
    ),
    *(
        case(
            f"edge.envoy-headers-{name}",
            "edge.internal-headers",
            {"request_headers": [("proxy_get_header_map_pairs", 0)]},
            request=messages.request("/", headers=(*forwarded, *_ENVOY_HEADERS)),
        )
        for name, forwarded in {
            "internal": (),
            "forwarded": ((b"x-forwarded-for", b"10.0.0.1"),),
            "external": ((b"x-forwarded-for", b"1.2.3.4"),),
        }.items()
    ),
    case(
        "edge.hop-headers",
        "edge.hop-headers",
        {
            "request_headers": [("proxy_get_header_map_pairs", 0)],
            "response_headers": [("proxy_get_header_map_pairs", 2)],
        },
        request=messages.request("/", headers=((b"expect", b"100-continue"), (b"via", b"1.1 x"))),
        reply=answer(
            headers=(
                (b"via", b"1.1 x"),
                (b"server", b"s"),
                (b"x-envoy-upstream-service-time", b"1"),
                (b"x-powered-by", b"p"),
            )
        ),
    ),
    case(
        "edge.pairs-of-many",
        "edge.proto-added",
        {"request_headers": [("proxy_get_header_map_pairs", 0)]},
        request=messages.request(
            "/", headers=tuple((b"x-%d" % number, b"v" * number) for number in range(90))
        ),
    ),
    case(
        "edge.set-most",
        "memory.pairs.limits",
        {
            "request_headers": [
                (
                    "proxy_set_header_map_pairs",
                    0,
                    encode_pairs(
                        (
                            *((b":method", b"GET"), (b":path", b"/"), (b":authority", b"a")),
                            *((b":scheme", b"http"), (b"x-forwarded-proto", b"http")),
                            *[(b"x", b"")] * 90,
                        )
                    ),
                )
            ]
        },
    ),
    _limit("request", "edge.limit-request", {"request_body": 1}),
    _limit("request-headers", "edge.limit-request", {"request_headers": 3}),
    _limit("request-watermark", "edge.limit-watermark", {"request_body": (2, 2, 2, 2, 0)}),
    _limit("response", "edge.limit-response-started", {"response_body": 1}),
    _limit("response-headers", "edge.limit-response", {"response_headers": 3}),
)
