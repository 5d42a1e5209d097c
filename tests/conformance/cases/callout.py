"""HTTP callouts: what the upstream sees, what comes back, and all that can go wrong."""

from tests.conformance.case import GET, Case, Exchange, Wait, answer, case
from tests.conformance.plugins import Statement
from wasmctl import messages, outcomes
from wasmctl.abi.types import AbiVersion
from wasmctl.abi.wire import encode_pairs
from wasmctl.outcomes import Failure, Outcome

_CALL, _EFFECTIVE, _CONTINUE = (
    "proxy_http_call",
    "proxy_set_effective_context",
    "proxy_continue_stream",
)
_GET, _PAIRS = "proxy_get_header_map_value", "proxy_get_header_map_pairs"
_BUFFER, _STATUS = "proxy_get_buffer_bytes", "proxy_get_status"
_HEADERS = ((b":method", b"GET"), (b":path", b"/check"), (b":authority", b"callout.test"))
_TWICE = ((b"x-dup", b"1"), (b"x-dup", b"2"))
_POST = messages.request("/", method="POST", chunks=(b"abc", b"def"))
_SILENCE = Outcome(failure=Failure.TIMEOUT)
_OK = answer(201, headers=((b"x-answer", b"yes"),), chunks=(b"one", b"two"))


def _call(
    to: bytes = b"callout",
    *,
    headers: tuple[tuple[bytes, bytes], ...] = _HEADERS,
    body: bytes = b"",
    trailers: bytes = b"",
    timeout: int = 1000,
) -> Statement:
    return (_CALL, to, encode_pairs(headers), body, trailers, timeout)


# What shows everything of an answer but its time, which Envoy adds as a header and counts.
_SHOW: list[Statement] = [
    (_GET, 6, b"x-answer"),
    (_PAIRS, 7),
    (_GET, 6, b":status"),
    (_BUFFER, 4, 0, 99),
    ("proxy_get_buffer_status", 4),
    (_STATUS,),
]
_RESUME: list[Statement] = [(_EFFECTIVE, 2), (_CONTINUE, 0)]


def _waiting(
    name: str,
    rows: str,
    outcome: Outcome | messages.Message,
    *,
    call: Statement | None = None,
    then: list[Statement] | None = None,
    request: messages.Message = GET,
    abi: AbiVersion = AbiVersion.V0_2_1,
) -> Case:
    """Hold a request until the answer of its callout is there."""
    reply = outcomes.reply(outcome) if isinstance(outcome, messages.Message) else outcome
    return case(
        f"callout.{name}",
        rows,
        {
            "request_headers": [call or _call()],
            "http_call_response": [*_SHOW, *(_RESUME if then is None else then)],
        },
        returns={"request_headers": 1},
        callouts={"callout": reply},
        request=request,
        abi=abi,
    )


CASES = (
    _waiting("ok", "callout.ok callout.resume callout.maps callout.chunked", _OK),
    _waiting("empty", "callout.ok", answer(204)),
    _waiting("with-body", "callout.resume return.headers.resumed", _OK, request=_POST),
    _waiting(
        "trailers",
        "callout.response-trailers callout.maps",
        answer(chunks=(b"body",), trailers=((b"x-trailer", b"t"), (b"x-other", b"o"))),
    ),
    _waiting(
        "post",
        "callout.body callout.request",
        _OK,
        call=_call(
            headers=((b"X-Upper", b"v"), *_HEADERS, (b"x-dup", b"1"), (b"x-dup", b"2")),
            body=b"sent",
        ),
    ),
    _waiting(
        "request-trailers",
        "callout.trailers",
        _OK,
        call=_call(body=b"sent", trailers=encode_pairs(((b"x-trailer", b"t"),))),
    ),
    _waiting("no-timeout", "callout.no-timeout callout.request", _OK, call=_call(timeout=0)),
    _waiting(
        "host-header",
        "callout.missing-headers callout.request",
        _OK,
        call=_call(headers=(*_HEADERS[:2], (b"host", b"by-host.test"), (b":scheme", b"https"))),
    ),
    _waiting(
        "timeout-header",
        "callout.request",
        _OK,
        call=_call(headers=(*_HEADERS, (b"x-envoy-upstream-rq-timeout-ms", b"77"))),
    ),
    _waiting(
        "timeout", "callout.timeout", Outcome(failure=Failure.TIMEOUT), call=_call(timeout=60)
    ),
    _waiting("reset", "callout.reset", Outcome(failure=Failure.RESET)),
    _waiting(
        "reset-after",
        "callout.reset-after callout.status-stale",
        Outcome(failure=Failure.RESET, message=answer(chunks=(b"some",))),
    ),
    _waiting("refused", "callout.refused", _OK, call=_call(b"refused")),
    _waiting("delayed", "callout.ok", outcomes.reply(_OK, delay=30_000_000)),
    _waiting(
        "local",
        "callout.local",
        _OK,
        then=[
            (_EFFECTIVE, 2),
            ("proxy_send_local_response", 403, b"denied", b"no", b"", -1),
        ],
    ),
    _waiting("close", "callout.close", _OK, then=[(_EFFECTIVE, 2), ("proxy_close_stream", 0)]),
    _waiting(
        "changes-request",
        "callout.resume map.phase.request-headers",
        _OK,
        then=[
            (_GET, 0, b":path"),
            (_EFFECTIVE, 2),
            (_GET, 0, b":path"),
            (_GET, 6, b":status"),
            ("proxy_add_header_map_value", 0, b"x-late", b"1"),
            ("proxy_add_header_map_value", 6, b"x-late", b"1"),
            ("proxy_log", 2, b"as the stream"),
            ("proxy_get_property", b"request\0path"),
            (_CONTINUE, 0),
            (_GET, 0, b":path"),
        ],
    ),
    _waiting("never-resumed", "callout.ok return.ended-by-client", _OK, then=[]),
    _waiting(
        "0.1.0",
        "callout.resume abi.0.1.0.continue",
        _OK,
        then=[(_EFFECTIVE, 2), ("proxy_continue_request",)],
        abi=AbiVersion.V0_1_0,
    ),
    case(
        "callout.refusals",
        "callout.unknown-cluster callout.missing-headers callout.negative-timeout"
        " callout.token-on-failure callout.tokens",
        {
            "request_headers": [
                _call(b"unknown"),
                _call(b""),
                *[_call(headers=_HEADERS[:at] + _HEADERS[at + 1 :]) for at in range(3)],
                _call(headers=()),
                _call(timeout=-1),
                _call(b"unknown", timeout=-1),
                _call(),
                _call(),
            ],
            "http_call_response": [(_STATUS,)],
        },
        steps=(
            Exchange(callouts={"callout": outcomes.reply(_OK, delay=60_000_000)}),
            Wait(milliseconds=200),
        ),
    ),
    case(
        "callout.memory",
        "memory.out-of-range callout.token-on-failure",
        {
            "request_headers": [
                (_CALL, 999999, 1, b"", b"", b"", 100),
                (_CALL, b"callout", 999999, 1, b"", b"", 100),
                (_CALL, b"callout", encode_pairs(_HEADERS), 999999, 1, b"", 100),
                (_CALL, b"callout", encode_pairs(_HEADERS), b"", 999999, 1, 100),
                (_CALL, b"callout", encode_pairs(_HEADERS), b"", b"", -1, 999999),
                (_CALL, b"callout", b"malformed", b"", b"", 100),
            ]
        },
    ),
    case(
        "callout.maps-outside",
        "callout.maps",
        {
            each: [
                (_PAIRS, 6),
                (_GET, 6, b":status"),
                (_GET, 7, b"x"),
                (_BUFFER, 4, 0, 9),
                (_STATUS,),
            ]
            for each in ("configure", "request_headers", "response_headers", "log")
        },
    ),
    case(
        "callout.parallel",
        "callout.parallel callout.tokens",
        {
            "request_headers": [_call(), _call(headers=(*_HEADERS, (b"x-n", b"2")))],
            "http_call_response": [(_GET, 6, b":status")],
            "http_call_response#2": _RESUME,
        },
        returns={"request_headers": 1},
        callouts={"callout": outcomes.reply(_OK)},
    ),
    case(
        "callout.nested",
        "callout.nested",
        {
            "request_headers": [_call()],
            "http_call_response#1": [_call(), (_BUFFER, 4, 0, 9)],
            "http_call_response#2": [(_BUFFER, 4, 0, 9), *_RESUME],
        },
        returns={"request_headers": 1},
        callouts={"callout": outcomes.reply(_OK)},
    ),
    case(
        "callout.not-waited-for",
        "callout.stream-gone",
        {
            "request_headers": [_call()],
            "http_call_response": [
                *_SHOW,
                (_EFFECTIVE, 2),
                (_GET, 0, b":path"),
                (_GET, 6, b":status"),
            ],
        },
        steps=(
            Exchange(callouts={"callout": outcomes.reply(_OK, delay=60_000_000)}),
            Wait(milliseconds=200),
        ),
    ),
    case(
        "callout.from-log",
        "callout.from-log",
        {"log": [_call()], "http_call_response": _SHOW},
        steps=(Exchange(callouts={"callout": outcomes.reply(_OK)}), Wait(milliseconds=100)),
    ),
    *(
        case(
            f"callout.from-{each.replace('_', '-')}",
            f"callout.from-{each.replace('_', '-')}",
            {each: [_call()], "http_call_response": _SHOW},
            steps=(Wait(milliseconds=200, callouts={"callout": outcomes.reply(_OK)}), Exchange()),
            # The main thread makes it as well, and the canary, whose own may come to nothing.
            unseen=("callouts",),
        )
        for each in ("configure", "vm_start")
    ),
    case(
        "callout.from-response",
        "callout.from-response flow.continue.response",
        {
            "response_headers": [_call()],
            "http_call_response": [*_SHOW, (_EFFECTIVE, 2), (_GET, 2, b":status"), (_CONTINUE, 1)],
        },
        returns={"response_headers": 1},
        reply=answer(chunks=(b"ABC", b"DEF")),
        callouts={"callout": outcomes.reply(_OK)},
    ),
    case(
        "callout.from-body",
        "callout.resume body.buffered",
        {
            "request_body#2": [_call()],
            "http_call_response": [
                (_EFFECTIVE, 2),
                (_BUFFER, 0, 0, 99),
                ("proxy_set_buffer_bytes", 0, 0, 99, b"changed"),
                (_CONTINUE, 0),
            ],
        },
        returns={"request_body": 1},
        request=_POST,
        callouts={"callout": outcomes.reply(_OK)},
    ),
    case(
        "callout.from-trailers",
        "callout.resume return.trailers.1",
        {
            "request_trailers": [_call()],
            "http_call_response": [(_EFFECTIVE, 2), (_PAIRS, 1), (_CONTINUE, 0)],
        },
        returns={"request_trailers": 1},
        request=messages.request("/", method="POST", chunks=(b"abc",), trailers=((b"x-t", b"t"),)),
        callouts={"callout": outcomes.reply(_OK)},
    ),
    case(
        "callout.trap-in-response",
        "trap.root",
        {"request_headers": [_call()], "http_call_response": ["(unreachable)"]},
        returns={"request_headers": 1},
        callouts={"callout": outcomes.reply(_OK)},
    ),
    case(
        "callout.no-callback",
        "callout.ok",
        {"request_headers": [_call()]},
        callouts={"callout": outcomes.reply(_OK)},
    ),
)
