"""Calls that meet in one stream: replies, continuations and ends on top of each other."""

from tests.conformance.case import Exchange, Together, answer, case
from tests.conformance.plugins import Statement
from wasmctl import messages, outcomes

_LOCAL: Statement = ("proxy_send_local_response", 403, b"denied", b"no", b"", -1)
_GO_ON: Statement = ("proxy_continue_stream", 0)
_GO_ON_BACK: Statement = ("proxy_continue_stream", 1)
_CLOSE: Statement = ("proxy_close_stream", 0)
_CLOSE_BACK: Statement = ("proxy_close_stream", 1)
_STOP: Statement = ("proxy_set_tick_period_milliseconds", 0)
_SOON: Statement = ("proxy_set_tick_period_milliseconds", 20)
_STREAM: Statement = ("proxy_set_effective_context", 2)
_READ: Statement = ("proxy_get_buffer_bytes", 0, 0, 99)
_WHY: Statement = ("proxy_get_property", b"response\0code_details")
_POST = messages.request("/", method="POST", chunks=(b"abc", b"def"), trailers=((b"x-t", b"t"),))
_BODY = messages.request("/", method="POST", chunks=(b"abc", b"def"))
# The second is answered later, so that the order of the answers is no chance.
_LATER = outcomes.reply(answer(200), delay=80_000_000)
_SECOND = messages.request("/2")
_TWO = Together(exchanges=(Exchange(request=_BODY), Exchange(request=_SECOND, reply=_LATER)))
_REPLY = answer(chunks=(b"ABC", b"DEF"), trailers=((b"x-t", b"t"),))


def _ticked(*statements: Statement) -> list[Statement]:
    return [_STOP, _STREAM, *statements]


CASES = (
    case(
        "flow.close-in-context-create",
        "flow.close.request",
        {"context_create#2": [_CLOSE], "log": [_WHY]},
        request=_POST,
        reply=_REPLY,
    ),
    case(
        "flow.continue-in-log",
        "flow.continue.nothing",
        {"log": [_GO_ON, _GO_ON_BACK], "done": [_GO_ON], "delete": [_GO_ON]},
        request=_POST,
        reply=_REPLY,
    ),
    case(
        "flow.continue-request-in-response",
        "flow.continue.nothing",
        {"response_headers": [_GO_ON], "response_body": [_GO_ON], "response_trailers": [_GO_ON]},
        request=_POST,
        reply=_REPLY,
    ),
    case(
        "flow.local-then-continue",
        "local.more-calls flow.continue.nothing",
        {"request_headers": [_LOCAL, _GO_ON], "log": [_WHY]},
        request=_POST,
        reply=_REPLY,
    ),
    case(
        "flow.continue-then-local",
        "local.more-calls",
        {"request_headers": [_GO_ON, _LOCAL], "log": [_WHY]},
        request=messages.request("/"),
    ),
    case(
        "flow.close-then-continue",
        "flow.close.request",
        {"request_headers": [_CLOSE, _GO_ON], "log": [_WHY]},
        request=_POST,
        reply=_REPLY,
    ),
    case(
        "flow.close-in-local",
        "flow.close.response",
        {"request_headers": [_LOCAL], "response_headers": [_CLOSE_BACK], "log": [_WHY]},
        request=_POST,
        reply=_REPLY,
    ),
    case(
        "flow.close-in-local-body",
        "flow.close.response",
        {"request_headers": [_LOCAL], "response_body": [_CLOSE_BACK], "log": [_WHY]},
        request=_POST,
        reply=_REPLY,
    ),
    case(
        "flow.hold-local",
        "return.headers.1 local.request-headers",
        {"request_headers": [_LOCAL], "log": [_WHY]},
        returns={"response_headers": 1},
        request=_POST,
        reply=_REPLY,
    ),
    case(
        "flow.hold-local-body",
        "return.body.1 local.body-sizes",
        {"request_headers": [_LOCAL], "log": [_WHY]},
        returns={"response_body": 1},
        request=_POST,
        reply=_REPLY,
    ),
    case(
        "flow.trap-in-local",
        "trap.response-headers local.request-headers",
        {"request_headers": [_LOCAL], "response_headers": ["(unreachable)"]},
        request=_POST,
        reply=_REPLY,
    ),
    case(
        "flow.trap-in-local-body",
        "trap.response-body local.body-sizes",
        {"request_headers": [_LOCAL], "response_body": ["(unreachable)"]},
        request=_POST,
        reply=_REPLY,
    ),
    case(
        "flow.continue-twice",
        "flow.continue.paused",
        {"request_headers": [_GO_ON, _GO_ON]},
        returns={"request_headers": 1},
    ),
    case(
        "flow.tick-continues-late",
        "flow.continue.nothing timer.resume",
        {"response_headers": [_SOON], "tick": _ticked(_GO_ON)},
        returns={"response_headers": 1},
    ),
    case(
        "flow.tick-reads-dropped",
        "body.dropped timer.tick",
        {"request_body#1": [_SOON], "tick": _ticked(_READ)},
        returns={"request_body": 3},
        request=_BODY,
    ),
    case(
        "flow.tick-writes-buffered",
        "body.buffered timer.resume",
        {
            "request_body#2": [_SOON],
            "tick": _ticked(
                _READ,
                ("proxy_set_buffer_bytes", 0, 0, 99, b"new"),
                _READ,
                ("proxy_continue_stream", 0),
            ),
        },
        returns={"request_body": 1},
        request=_BODY,
    ),
    case(
        "flow.tick-reads-passed",
        "body.frames timer.tick",
        {"response_headers": [_SOON], "tick": _ticked(_READ)},
        returns={"response_headers": 1},
        request=_BODY,
    ),
    case(
        "flow.tick-reads-held",
        "return.headers.1 timer.tick",
        {
            "request_headers": [_SOON],
            "tick": _ticked(_READ, ("proxy_get_header_map_value", 0, b":path")),
        },
        returns={"request_headers": 1},
        request=_BODY,
    ),
    case(
        "flow.tick-closes",
        "flow.close.request timer.tick",
        {"request_headers": [_SOON], "tick": _ticked(_CLOSE), "log": [_WHY]},
        returns={"request_headers": 1},
    ),
    case(
        "flow.response-held-continued-by-request",
        "flow.continue.types",
        {"response_headers": [_SOON], "tick": _ticked(_GO_ON, _GO_ON_BACK)},
        returns={"response_headers": 1},
        reply=answer(chunks=(b"ABC", b"DEF")),
    ),
    case(
        "flow.client-gives-up",
        "return.ended-by-client property.code-details",
        {"log": [_WHY, ("proxy_get_property", b"response\0code")]},
        returns={"request_headers": 1},
    ),
    case(
        "flow.client-gives-up-response",
        "return.ended-by-client property.code-details",
        {"log": [_WHY, ("proxy_get_property", b"response\0code")]},
        returns={"response_headers": 1},
    ),
    case(
        "flow.other-stream-continues",
        "flow.other-stream flow.context.unknown",
        {
            "request_headers#2": [
                _STREAM,
                ("proxy_get_header_map_value", 0, b":path"),
                ("proxy_add_header_map_value", 0, b"x-other", b"1"),
                _GO_ON,
                ("proxy_get_header_map_value", 0, b":path"),
            ]
        },
        returns={"request_headers": (1, 0)},
        steps=(_TWO,),
    ),
    case(
        "flow.other-stream-replies",
        "flow.other-stream",
        {"request_headers#2": [_STREAM, _LOCAL], "log": [_WHY]},
        returns={"request_headers": (1, 0)},
        steps=(_TWO,),
    ),
    case(
        "flow.other-stream-closes",
        "flow.other-stream",
        {"request_headers#2": [_STREAM, _CLOSE], "log": [_WHY]},
        returns={"request_headers": (1, 0)},
        steps=(_TWO,),
    ),
    case(
        "flow.other-stream-log-continues",
        "flow.other-stream",
        {"log": [_STREAM, _GO_ON]},
        returns={"request_headers": (1, 0)},
        steps=(_TWO,),
    ),
    case(
        "flow.side-by-side",
        "flow.side-by-side lifecycle.ids",
        {
            "request_headers#2": [_SOON],
            "tick": [_STOP, _STREAM, _GO_ON, ("proxy_set_effective_context", 3), _GO_ON],
        },
        returns={"request_headers": (1, 1, 0)},
        steps=(_TWO, Exchange(request=messages.request("/last"))),
    ),
    case(
        "flow.trap-side-by-side",
        "trap.other-streams",
        {"request_headers#2": ["(unreachable)"]},
        returns={"response_headers": 0, "request_headers": 0},
        steps=(
            Together(
                exchanges=(
                    Exchange(reply=outcomes.reply(answer(200), delay=300_000_000)),
                    Exchange(request=_SECOND),
                )
            ),
        ),
    ),
    case(
        "flow.early-answer",
        "lifecycle.stream",
        {"log": [_WHY]},
        steps=(Exchange(request=_BODY, reply=outcomes.reply(answer(204))), Exchange()),
    ),
    case(
        "flow.origin-resets",
        "local.request-headers property.code-details",
        {"log": [_WHY, ("proxy_get_property", b"response\0code")]},
        reply=outcomes.Outcome(failure=outcomes.Failure.RESET),
    ),
    case(
        "flow.origin-resets-late",
        "local.response-body property.code-details",
        {"log": [_WHY, ("proxy_get_property", b"response\0code")]},
        reply=outcomes.Outcome(
            failure=outcomes.Failure.RESET, message=answer(chunks=(b"ABC", b"DEF"))
        ),
    ),
    case(
        "flow.origin-resets-while-held",
        "local.response-headers property.code-details",
        {"log": [_WHY, ("proxy_get_property", b"response\0code")]},
        returns={"response_headers": 1},
        reply=outcomes.Outcome(
            failure=outcomes.Failure.RESET, message=answer(chunks=(b"ABC", b"DEF"))
        ),
    ),
    case(
        "flow.origin-waits",
        "lifecycle.stream",
        {"log": [_WHY]},
        reply=outcomes.reply(answer(chunks=(b"ABC",)), delay=30_000_000),
    ),
)
