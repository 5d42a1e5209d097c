"""What callbacks return, and what becomes of the stream."""

from tests.conformance.case import Case, Settings, answer, case
from wasmctl import messages
from wasmctl.abi.types import AbiVersion

_CONTINUE = "proxy_continue_stream"
_POST = messages.request("/", method="POST", chunks=(b"abc", b"def"))
_TRAILED = messages.request("/", method="POST", chunks=(b"abc",), trailers=((b"x-t", b"t"),))
_REPLY = answer(chunks=(b"ABC", b"DEF"))
_TRAILED_REPLY = answer(chunks=(b"ABC",), trailers=((b"x-t", b"t"),))


def _headers(status: int, rows: str, *, allowed: bool = False) -> tuple[Case, ...]:
    """Return a number from headers callbacks, of messages with and without a body."""
    name = f"return.headers-{status}{'-allowed' if allowed else ''}"
    settings: Settings = {"allow_on_headers_stop_iteration": allowed}
    return (
        case(f"{name}-request", rows, returns={"request_headers": status}, settings=settings),
        case(
            f"{name}-request-body",
            rows,
            returns={"request_headers": status},
            request=_POST,
            settings=settings,
        ),
        case(
            f"{name}-response",
            rows,
            returns={"response_headers": status},
            reply=_REPLY,
            settings=settings,
        ),
        case(
            f"{name}-response-bare",
            rows,
            returns={"response_headers": status},
            reply=answer(),
            settings=settings,
        ),
    )


CASES = (
    *_headers(0, "return.headers.0"),
    *_headers(1, "return.headers.1"),
    *_headers(2, "return.headers.2"),
    *_headers(3, "return.headers.3"),
    *_headers(4, "return.headers.4"),
    *_headers(99, "return.headers.unknown"),
    *_headers(1, "return.headers.1-allowed", allowed=True),
    case(
        "return.allowed-released",
        "return.headers.1-allowed",
        {
            "request_body": [("proxy_add_header_map_value", 0, b"x-late", b"1")],
            "response_body": [("proxy_add_header_map_value", 2, b"x-late", b"1")],
        },
        returns={
            "request_headers": 1,
            "response_headers": 1,
            "request_body": (1, 0),
            "response_body": (1, 0),
        },
        request=_POST,
        reply=_REPLY,
        settings={"allow_on_headers_stop_iteration": True},
    ),
    case(
        "return.allowed-trailers",
        "return.headers.1-allowed",
        returns={
            **dict.fromkeys(("request_headers", "response_headers"), 1),
            **dict.fromkeys(("request_body", "response_body"), 1),
        },
        request=_TRAILED,
        reply=_TRAILED_REPLY,
        settings={"allow_on_headers_stop_iteration": True},
    ),
    case(
        "return.resumed-in-callback",
        "return.headers.resumed flow.continue.paused",
        {"request_headers": [(_CONTINUE, 0)], "response_headers": [(_CONTINUE, 1)]},
        returns={"request_headers": 1, "response_headers": 4},
        reply=answer(),
    ),
    case(
        "return.trailers-pass",
        "return.trailers.0",
        request=_TRAILED,
        reply=_TRAILED_REPLY,
    ),
    case(
        "return.trailers-hold-request",
        "return.trailers.1 return.ended-by-client",
        returns={"request_trailers": 1},
        request=_TRAILED,
    ),
    case(
        "return.trailers-hold-response",
        "return.trailers.1",
        returns={"response_trailers": 1},
        reply=_TRAILED_REPLY,
    ),
    case(
        "return.trailers-unknown",
        "return.trailers.1",
        returns={"request_trailers": 7},
        request=_TRAILED,
    ),
    case("return.done-false", "return.done.0", returns={"done": 0}),
    case(
        "return.metadata",
        "return.metadata",
        {"request_metadata": [], "response_metadata": []},
        request=_TRAILED,
        reply=_TRAILED_REPLY,
    ),
    case(
        "return.negative",
        "return.headers.unknown body.unknown-status",
        returns={"request_body": (-1, 0), "response_headers": -1},
        request=_POST,
    ),
    case(
        "return.0.1.0",
        "return.headers.1 abi.0.1.0.headers",
        returns={"request_body": (1, 0), "response_headers": 0},
        request=_POST,
        reply=_REPLY,
        abi=AbiVersion.V0_1_0,
    ),
)
