"""Continue, close, effective contexts: what moves a stream besides return values."""

from tests.conformance.case import Exchange, answer, case
from tests.conformance.plugins import Statement
from wasmctl import messages

_CONTINUE, _CLOSE = "proxy_continue_stream", "proxy_close_stream"
_EFFECTIVE = "proxy_set_effective_context"
_GET = "proxy_get_header_map_value"
_POST = messages.request("/", method="POST", chunks=(b"abc", b"def"))
_TYPES = (0, 2, 3, 4, 99)
_CALLBACKS = ("context_create", "vm_start", "configure", "request_headers", "log", "done", "delete")
# Why a response is what it is.
_WHY: Statement = ("proxy_get_property", b"response\0code_details")

CASES = (
    case(
        "flow.continue-in-response",
        "flow.continue.nothing flow.continue.types",
        {"response_headers": [(_CONTINUE, each) for each in _TYPES]},
        reply=answer(),
        returns={"response_headers": 0},
    ),
    case(
        "flow.continue-everywhere",
        "flow.continue.types",
        {each: [(_CONTINUE, 2), (_CONTINUE, 3), (_CONTINUE, 4)] for each in _CALLBACKS},
    ),
    case(
        "flow.continue-request-body",
        "flow.continue.body",
        {"request_body#2": [(_CONTINUE, 0)]},
        returns={"request_body": 1},
        request=_POST,
    ),
    case(
        "flow.continue-request-body-passes",
        "flow.continue.body",
        {"request_body#2": [(_CONTINUE, 0)]},
        returns={"request_body": (1, 0)},
        request=_POST,
    ),
    case(
        "flow.continue-request-body-watermark",
        "flow.continue.body",
        {"request_body": [(_CONTINUE, 0)]},
        returns={"request_body": (2, 2)},
        request=_POST,
    ),
    case(
        "flow.continue-response-body",
        "flow.continue.body flow.continue.response",
        {"response_body#2": [(_CONTINUE, 1)]},
        returns={"response_body": 1},
        reply=answer(chunks=(b"ABC", b"DEF")),
    ),
    case(
        "flow.continue-trailers",
        "flow.continue.body",
        {"request_trailers": [(_CONTINUE, 0)], "response_trailers": [(_CONTINUE, 1)]},
        returns={"request_trailers": 1, "response_trailers": 1},
        request=messages.request("/", method="POST", chunks=(b"abc",), trailers=((b"x-t", b"t"),)),
        reply=answer(chunks=(b"ABC",), trailers=((b"x-t", b"t"),)),
    ),
    case(
        "flow.continue-and-hold-response",
        "flow.continue.response return.headers.resumed",
        {"response_headers": [(_CONTINUE, 1)]},
        returns={"response_headers": 1},
        reply=answer(),
    ),
    case(
        "flow.continue-and-hold-body",
        "flow.continue.paused hazard.hang",
        {"request_headers": [(_CONTINUE, 0)]},
        returns={"request_headers": 1},
        request=_POST,
    ),
    case(
        "flow.close-request",
        "flow.close.request",
        {
            "request_headers": [(_CLOSE, 0)],
            "log": [_WHY],
        },
        returns={"request_headers": 1},
        request=_POST,
    ),
    case(
        "flow.close-request-body",
        "flow.close.request",
        {"request_body": [(_CLOSE, 0)], "log": [_WHY]},
        returns={"request_body": 1},
        request=_POST,
    ),
    case(
        "flow.close-response",
        "flow.close.response",
        {
            "response_headers": [(_CLOSE, 1)],
            "log": [_WHY],
        },
        returns={"response_headers": 1},
        reply=answer(chunks=(b"ABC",)),
    ),
    case(
        "flow.close-response-body",
        "flow.close.response",
        {
            "response_body": [(_CLOSE, 1)],
            "log": [_WHY],
        },
        returns={"response_body": 1},
        reply=answer(chunks=(b"ABC", b"DEF")),
    ),
    case(
        "flow.close-types",
        "flow.close.types",
        {each: [(_CLOSE, 2), (_CLOSE, 3), (_CLOSE, 4)] for each in _CALLBACKS},
    ),
    case(
        "flow.close-at-the-start",
        "flow.close.types",
        {each: [(_CLOSE, 0), (_CLOSE, 1)] for each in ("vm_start", "configure")},
    ),
    case(
        "flow.effective-context",
        "flow.context.unknown flow.context.root flow.context.reset",
        {
            "vm_start": [(_EFFECTIVE, 1), (_EFFECTIVE, 0), (_EFFECTIVE, 2)],
            "request_headers": [
                (_GET, 0, b":path"),
                (_EFFECTIVE, 99),
                (_GET, 0, b":path"),
                (_EFFECTIVE, 1),
                (_GET, 0, b":path"),
                ("proxy_log", 2, b"as the root"),
                (_EFFECTIVE, 0),
                (_GET, 0, b":path"),
                (_EFFECTIVE, 2),
                (_GET, 0, b":path"),
                (_EFFECTIVE, 1),
            ],
            "response_headers": [(_GET, 2, b":status")],
            "delete": [(_EFFECTIVE, 2), (_EFFECTIVE, 1)],
        },
    ),
    case(
        "flow.effective-context-gone",
        "flow.context.unknown",
        {"request_headers": [(_EFFECTIVE, 2)]},
        steps=(Exchange(), Exchange()),
    ),
    case(
        "flow.done",
        "flow.done.outside",
        {each: [("proxy_done",)] for each in _CALLBACKS},
    ),
    case(
        "flow.tick",
        "flow.tick.root",
        {
            "vm_start": [("proxy_set_tick_period_milliseconds", 100000)],
            "request_headers": [("proxy_set_tick_period_milliseconds", 0)],
            "log": [("proxy_set_tick_period_milliseconds", 0)],
        },
    ),
)
