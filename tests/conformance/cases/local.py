"""Local responses, from every callback and with everything that can be odd about them."""

from tests.conformance.case import Case, Exchange, answer, case
from tests.conformance.plugins import Statement
from wasmctl import messages
from wasmctl.abi.wire import encode_pairs

_NONE = -1
_POST = messages.request("/", method="POST", chunks=(b"abc",), trailers=((b"x-trailer", b"t"),))
_REPLY = answer(chunks=(b"ABC",), trailers=((b"x-trailer", b"t"),))
_GRPC = messages.request(
    "/s/m", method="POST", headers=((b"content-type", b"application/grpc"),), chunks=(b"abc",)
)
_PAIRS = ((b"X-One", b"1"), (b":status", b"299"), (b"content-length", b"77"), (b"x-two", b"2"))
_PROPERTY = "proxy_get_property"
_DETAILS = [
    (_PROPERTY, b"response\0code_details"),
    (_PROPERTY, b"response\0code"),
    (_PROPERTY, b"response\0flags"),
]


def _reply(
    code: int = 403,
    *,
    details: bytes = b"because",
    body: bytes = b"no",
    headers: bytes = b"",
    grpc: int = _NONE,
) -> Statement:
    return ("proxy_send_local_response", code, details, body, headers, grpc)


def _from(callback: str, rows: str, **more: int) -> Case:
    """Answer in one callback, with everything that could run behind it."""
    return case(
        f"local.from-{callback.replace('_', '-')}{''.join(f'-{value}' for value in more.values())}",
        rows,
        {callback: [_reply()], "log": _DETAILS},
        returns=more,
        request=_POST,
        reply=_REPLY,
    )


def _odd(name: str, rows: str, statement: Statement, request: messages.Message = _POST) -> Case:
    return case(
        f"local.{name}",
        rows,
        {
            "request_headers": [statement],
            "response_headers": [("proxy_get_header_map_pairs", 2)],
            "response_body": [("proxy_get_buffer_bytes", 1, 0, 99)],
            "log": [("proxy_get_header_map_pairs", 2), *_DETAILS],
        },
        request=request,
        reply=_REPLY,
    )


CASES = (
    _from("context_create", "local.context-create"),
    _from("request_headers", "local.request-headers local.body-sizes"),
    _from("request_headers", "local.return-ignored", request_headers=0),
    _from("request_headers", "local.return-ignored", request_headers=3),
    _from("request_body", "local.request-body"),
    _from("request_body", "local.return-ignored", request_body=1),
    _from("request_trailers", "local.request-trailers"),
    _from("response_headers", "local.response-headers"),
    _from("response_headers", "local.return-ignored", response_headers=1),
    _from("response_body", "local.response-body"),
    _from("response_trailers", "local.response-trailers"),
    case(
        "local.held-response",
        "local.held-response",
        {"response_body": [_reply()], "log": _DETAILS},
        returns={"response_headers": 1},
        reply=answer(chunks=(b"ABC",)),
        settings={"allow_on_headers_stop_iteration": True},
    ),
    case(
        "local.twice",
        "local.first-wins local.more-calls",
        {
            "request_headers": [
                _reply(401, body=b"first"),
                _reply(402, body=b"second"),
                ("proxy_add_header_map_value", 0, b"x", b"y"),
                ("proxy_get_header_map_value", 0, b":path"),
            ]
        },
        request=_POST,
    ),
    case(
        "local.again-in-response",
        "local.first-wins local.response-headers",
        {
            "request_headers": [_reply(401, body=b"first")],
            "response_headers": [_reply(402, body=b"second")],
        },
        request=_POST,
    ),
    case(
        "local.changed-in-response",
        "local.request-headers",
        {
            "request_headers": [_reply()],
            "response_headers": [
                ("proxy_replace_header_map_value", 2, b"x-seen", b"1"),
                ("proxy_replace_header_map_value", 2, b":status", b"410"),
                ("proxy_remove_header_map_value", 2, b"content-length"),
            ],
            "response_body": [("proxy_set_buffer_bytes", 1, 0, 99, b"changed")],
            "log": _DETAILS,
        },
        request=_POST,
    ),
    _odd(
        "headers",
        "local.headers.lower-case local.headers.status local.headers.length local.headers.type",
        _reply(headers=encode_pairs(_PAIRS)),
    ),
    _odd(
        "content-type",
        "local.headers.type",
        _reply(headers=encode_pairs(((b"Content-Type", b"text/html"),))),
    ),
    _odd("no-body", "local.headers.no-body", _reply(body=b"", headers=encode_pairs(_PAIRS))),
    _odd(
        "date-server",
        "local.headers.lower-case",
        _reply(headers=encode_pairs(((b"date", b"now"), (b"server", b"me")))),
    ),
    _odd("malformed-headers", "local.malformed-headers", _reply(headers=b"\x01\0\0\0oops")),
    _odd(
        "duplicate-headers",
        "local.headers.lower-case",
        _reply(
            headers=encode_pairs(((b"x-a", b"1"), (b"x-a", b"2"), (b"vary", b"a"), (b"vary", b"b")))
        ),
    ),
    *(_odd(f"code-{code}", "local.codes", _reply(code)) for code in (0, 99, 204, 304, 999)),
    _odd("details", "local.details", _reply(details=b"two  words\tand \xc3\xa9")),
    _odd("details-empty", "local.details", _reply(details=b"")),
    *(
        _odd(f"odd-header-{number}", "local.bad-headers", _reply(headers=encode_pairs((pair,))))
        for number, pair in enumerate(
            (
                *((b"x-a", b"a\r\nx-b: c"), (b"bad name", b"v"), (b"x-nul", b"a\0b")),
                *((b"", b"v"), (b":foo", b"v"), (b"\xc3\xa9", b"v"), (b"x-high", b"\xff")),
            )
        )
    ),
    _odd("grpc", "local.grpc", _reply(grpc=5), _GRPC),
    *(
        _odd(f"grpc-{code}", "local.grpc.status", _reply(code, body=b"m\xc3\xa9 %"), _GRPC)
        for code in (200, 400, 401, 403, 404, 429, 500, 502, 503, 504)
    ),
    _odd("grpc-ok", "local.grpc.status", _reply(503, grpc=0), _GRPC),
    _odd("grpc-invalid", "local.grpc.invalid", _reply(503, grpc=99), _GRPC),
    _odd("grpc-headers", "local.grpc", _reply(503, headers=encode_pairs(_PAIRS)), _GRPC),
    _odd("grpc-status-to-http", "local.grpc.status", _reply(503, grpc=5)),
    _odd("head", "local.head", _reply(), messages.request("/", method="HEAD")),
    case(
        "local.from-root",
        "local.root",
        {"vm_start": [_reply()], "configure": [_reply()]},
    ),
    case(
        "local.bare-request",
        "local.request-headers",
        {"request_headers": [_reply(200, body=b"")], "log": _DETAILS},
    ),
    case(
        "local.two-streams",
        "local.first-wins lifecycle.two-streams",
        {"request_headers#1": [_reply()]},
        steps=(Exchange(), Exchange()),
    ),
    case(
        "local.after-watermark",
        "local.request-body",
        {"request_body#2": [_reply()], "log": _DETAILS},
        returns={"request_body": 1},
        request=messages.request("/", method="POST", chunks=(b"abc", b"def", b"ghi")),
    ),
)
