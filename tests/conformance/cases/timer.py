"""Timers: ticks, and what they may do."""

from tests.conformance.case import Exchange, Wait, answer, case
from wasmctl import messages, outcomes
from wasmctl.abi.wire import encode_pairs

_PERIOD, _EFFECTIVE = "proxy_set_tick_period_milliseconds", "proxy_set_effective_context"
_STOP = (_PERIOD, 0)
_LATER = Wait(milliseconds=150)

CASES = (
    case(
        "timer.tick",
        "timer.tick timer.stop",
        {"configure": [(_PERIOD, 20)], "tick#1": [("proxy_log", 2, b"tick"), _STOP]},
        steps=(_LATER, Exchange(), _LATER),
    ),
    case(
        "timer.vm-start",
        "timer.tick",
        {"vm_start": [(_PERIOD, 20)], "tick#1": [_STOP]},
        steps=(_LATER, Exchange()),
    ),
    case(
        "timer.stopped",
        "timer.stop",
        {"vm_start": [(_PERIOD, 20)], "configure": [_STOP], "tick": []},
        steps=(_LATER, Exchange()),
    ),
    case(
        "timer.rearmed",
        "timer.rearmed timer.stop",
        {"configure": [(_PERIOD, 20)], "tick#1": [(_PERIOD, 30)], "tick#3": [_STOP]},
        steps=(Wait(milliseconds=400), Exchange()),
    ),
    case(
        "timer.resume",
        "timer.resume flow.context.root",
        {
            "request_headers": [(_PERIOD, 20)],
            "tick": [
                _STOP,
                ("proxy_get_header_map_value", 0, b":path"),
                (_EFFECTIVE, 2),
                ("proxy_add_header_map_value", 0, b"x-tick", b"1"),
                ("proxy_continue_stream", 0),
                ("proxy_get_header_map_value", 0, b":path"),
            ],
        },
        returns={"request_headers": 1},
        request=messages.request("/", method="POST", chunks=(b"abc", b"def")),
    ),
    case(
        "timer.resume-response",
        "timer.resume flow.continue.response",
        {
            "response_headers": [(_PERIOD, 20)],
            "tick": [_STOP, (_EFFECTIVE, 2), ("proxy_continue_stream", 1)],
        },
        returns={"response_headers": 1},
        reply=answer(chunks=(b"ABC", b"DEF"), trailers=((b"x-t", b"t"),)),
    ),
    case(
        "timer.resume-body",
        "timer.resume body.buffered",
        {
            "request_body#2": [(_PERIOD, 20)],
            "tick": [
                _STOP,
                (_EFFECTIVE, 2),
                ("proxy_get_buffer_bytes", 0, 0, 99),
                ("proxy_continue_stream", 0),
            ],
        },
        returns={"request_body": 1},
        request=messages.request("/", method="POST", chunks=(b"abc", b"def")),
    ),
    case(
        "timer.local",
        "timer.local",
        {
            "request_headers": [(_PERIOD, 20)],
            "tick": [
                _STOP,
                (_EFFECTIVE, 2),
                ("proxy_send_local_response", 429, b"slow", b"later", b"", -1),
            ],
        },
        returns={"request_headers": 1},
    ),
    case(
        "timer.local-response",
        "timer.local local.response-headers",
        {
            "response_headers": [(_PERIOD, 20)],
            "tick": [
                _STOP,
                (_EFFECTIVE, 2),
                ("proxy_send_local_response", 429, b"slow", b"later", b"", -1),
            ],
        },
        returns={"response_headers": 1},
        reply=answer(chunks=(b"ABC",)),
    ),
    case(
        "timer.stream-gone",
        "timer.tick flow.context.unknown",
        {
            "log": [(_PERIOD, 20)],
            "tick": [_STOP, (_EFFECTIVE, 2), ("proxy_get_header_map_value", 0, b":path")],
        },
        steps=(Exchange(), _LATER),
    ),
    case(
        "timer.trap",
        "trap.root",
        {"request_headers": [(_PERIOD, 20)], "tick": ["(unreachable)"]},
        returns={"request_headers": 1},
    ),
    case(
        "timer.callout",
        "callout.from-tick",
        {
            "log": [(_PERIOD, 20)],
            "tick#1": [
                _STOP,
                (
                    "proxy_http_call",
                    b"callout",
                    encode_pairs(((b":method", b"GET"), (b":path", b"/"), (b":authority", b"c"))),
                    b"",
                    b"",
                    1000,
                ),
            ],
            "http_call_response": [("proxy_get_header_map_value", 6, b":status")],
        },
        steps=(
            Exchange(callouts={"callout": outcomes.reply(answer(204))}),
            Wait(milliseconds=250),
        ),
    ),
)
