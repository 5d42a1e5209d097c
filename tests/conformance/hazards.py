"""Mistakes of plugins that end or hurt a real Envoy: what Envoy suffers, and what the host says."""

from dataclasses import dataclass
from enum import StrEnum

from tests.conformance.case import Case, Filter, answer, case
from tests.conformance.plugins import Statement, module
from wasmctl import messages
from wasmctl.abi.types import AbiVersion


class Harm(StrEnum):
    """What becomes of Envoy."""

    DIES = "dies"
    SENDS_TWICE = "sends the request twice"
    HANGS = "answers nobody"
    BREAKS = "breaks the response off"
    SPLITS = "sends the lines to the client"


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """A case that is not compared.

    Attributes:
        told: the name of the host's hazard, or the beginning of why it does not load the module.

    """

    case: Case
    harm: Harm
    told: str


_LOCAL: Statement = ("proxy_send_local_response", 403, b"denied", b"no", b"", -1)
_STREAM: Statement = ("proxy_set_effective_context", 2)
_STOP: Statement = ("proxy_set_tick_period_milliseconds", 0)
_SOON: Statement = ("proxy_set_tick_period_milliseconds", 20)
_BODY = messages.request("/", method="POST", chunks=(b"abc", b"def"))
_TWO_LINES = b"a\r\nx-b: c"
_REPLY = answer(chunks=(b"ABC", b"DEF"))
_MARKER = f'(func (export "{AbiVersion.V0_2_1.marker}"))'
_REST = (
    '(memory (export "memory") 1) (func (export "malloc") (param i32) (result i32) i32.const 64)'
)


def _deadly(name: str, row: str, told: str, callback: str, *calls: Statement) -> Mistake:
    made = case(f"hazard.{name}", f"hazard.{row}", {callback: calls}, request=_BODY, reply=_REPLY)
    return Mistake(case=made, harm=Harm.DIES, told=told)


def _loaded(name: str, told: str, code: bytes) -> Mistake:
    made = Case(id=f"hazard.{name}", rows=(f"hazard.{name}",), filters=(Filter(code=code),))
    return Mistake(case=made, harm=Harm.DIES, told=told)


_FOUND = (
    *(
        _deadly(
            f"continue-before-response-{callback.replace('_', '-')}",
            "continue_before_response",
            "NO_RESPONSE_YET",
            callback,
            ("proxy_continue_stream", 1),
        )
        for callback in ("request_headers", "request_body")
    ),
    *(
        _deadly(f"local-reply-in-{callback}", row, "ANSWERED_AT_THE_END", callback, _LOCAL)
        for callback, row in {
            "log": "local_reply_in_log",
            "done": "local_reply_in_done",
            "delete": "local_reply_in_done",
        }.items()
    ),
    *(
        _deadly(
            f"close-in-{callback}",
            "close_in_log",
            "CLOSED_AT_THE_END",
            callback,
            ("proxy_close_stream", 0),
        )
        for callback in ("log", "done", "delete")
    ),
    _deadly(
        "empty-grpc-service",
        "empty-grpc-service",
        "NO_GRPC_SERVICE",
        "request_headers",
        ("proxy_grpc_call", b"", b"s", b"m", b"", b"", 1000),
    ),
    Mistake(
        case=case(
            "hazard.continue-before-response-tick",
            "hazard.continue_before_response",
            {
                "request_headers": [_SOON],
                "tick": [_STOP, _STREAM, ("proxy_continue_stream", 1)],
            },
            returns={"request_headers": 1},
        ),
        harm=Harm.DIES,
        told="NO_RESPONSE_YET",
    ),
    Mistake(
        case=case(
            "hazard.body-after-watermark",
            "hazard.body-after-watermark",
            {
                "response_body#1": [_SOON],
                "tick": [_STOP, _STREAM, ("proxy_get_buffer_bytes", 1, 0, 99)],
            },
            returns={"response_body": 2},
            reply=_REPLY,
        ),
        harm=Harm.DIES,
        told="BODY_GONE",
    ),
    _loaded(
        "start-section-hostcall",
        "Failed to create new Wasm instance",
        module(
            '(import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))'
            f"{_MARKER} {_REST} (start $start)"
            "(func $start (drop (call $log (i32.const 2) (i32.const 0) (i32.const 0))))"
        ),
    ),
    _loaded(
        "v128-export",
        "Bad function signature",
        module(f'{_MARKER} {_REST} (func (export "proxy_on_log") (param v128))'),
    ),
    Mistake(
        case=case(
            "hazard.sent-twice",
            "hazard.sent-twice",
            {"request_headers": [("proxy_continue_stream", 0)]},
        ),
        harm=Harm.SENDS_TWICE,
        told="SENT_TWICE",
    ),
    Mistake(
        case=case(
            "hazard.response-twice",
            "hazard.response-twice",
            {"response_headers": [("proxy_continue_stream", 1)]},
        ),
        harm=Harm.DIES,
        told="RESPONSE_TWICE",
    ),
    *(
        Mistake(case=made, harm=Harm.BREAKS, told=told)
        for told, made in (
            (
                "RESPONSE_TWICE",
                case(
                    "hazard.response-twice-body",
                    "hazard.response-twice",
                    {"response_headers": [("proxy_continue_stream", 1)]},
                    reply=_REPLY,
                ),
            ),
            (
                "STALE_LENGTH",
                case(
                    "hazard.stale-length",
                    "hazard.stale-length",
                    {"response_body": [("proxy_set_buffer_bytes", 1, 0, 99, b"changed")]},
                    reply=answer(headers=((b"content-length", b"3"),), chunks=(b"ABC",)),
                ),
            ),
        )
    ),
    Mistake(
        case=case(
            "hazard.response-splitting",
            "hazard.response-splitting",
            {"response_headers": [("proxy_add_header_map_value", 2, b"x-a", _TWO_LINES)]},
        ),
        harm=Harm.SPLITS,
        told="SPLIT_RESPONSE",
    ),
    Mistake(
        case=case("hazard.hang", "hazard.hang", returns={"request_headers": 1}),
        harm=Harm.HANGS,
        told="HANGS",
    ),
)

MISTAKES: dict[str, Mistake] = {each.case.id: each for each in _FOUND}
