"""Traps, and what the failure policies make of them."""

from tests.conformance.case import Case, Exchange, Filter, Settings, Wait, answer, case
from tests.conformance.plugins import Statement, plugin
from wasmctl import messages, outcomes

_TRAP = "(unreachable)"
_POST = messages.request(
    "/", method="POST", chunks=(b"abc", b"def"), trailers=((b"x-trailer", b"t"),)
)
_REPLY = answer(chunks=(b"ABC", b"DEF"), trailers=((b"x-trailer", b"t"),))
_THREE = (Exchange(),) * 3
_BOTH = Exchange(request=_POST, reply=outcomes.reply(_REPLY))


def _in(callback: str, row: str, statement: Statement = _TRAP, name: str = "") -> Case:
    """Trap once in a callback, and send a second request."""
    return case(
        f"trap.{name or callback.replace('_', '-')}",
        f"{row} trap.later trap.no-callbacks",
        {callback: [statement]},
        steps=(_BOTH, Exchange()),
    )


def _policy(
    title: str, rows: str, callback: str = "request_headers", *, settings: Settings
) -> Case:
    return case(
        f"trap.{title}-{callback.replace('_', '-')}",
        rows,
        {f"{callback}#1": [_TRAP]},
        steps=(Exchange(reply=outcomes.reply(_REPLY)), *_THREE[:2]),
        settings=settings,
    )


def _shared(name: str, code: bytes, other: bytes, rows: str) -> Case:
    return Case(
        id=f"trap.{name}",
        rows=tuple(rows.split()),
        filters=(Filter(code=code), Filter(code=other)),
        steps=(Exchange(), Exchange()),
    )


_DIVIDES = "(drop (i32.div_u (i32.const 1) (i32.const 0)))"
_OUTSIDE = "(drop (i32.load (i32.const -1)))"
_RECURSES = "(call $recurse)"
_TRAPS = plugin({"request_headers#1": [_TRAP]})

CASES = (
    _in("context_create#2", "trap.context-create", name="context-create"),
    _in("request_headers", "trap.request-headers trap.kinds"),
    _in("request_body", "trap.request-body"),
    _in("request_trailers", "trap.request-body"),
    _in("response_headers", "trap.response-headers"),
    _in("response_body", "trap.response-body"),
    _in("response_trailers", "trap.response-body"),
    _in("log", "trap.log"),
    _in("done", "trap.log"),
    _in("delete", "trap.log"),
    _in("request_headers", "trap.kinds", _DIVIDES, "divide-by-zero"),
    _in("request_headers", "trap.kinds", _OUTSIDE, "out-of-bounds"),
    case(
        "trap.stack-overflow",
        "trap.kinds",
        {"request_headers": [_RECURSES]},
        extra="(func $recurse (call $recurse))",
    ),
    case(
        "trap.hostcalls-before",
        "trap.request-headers",
        {
            "request_headers": [
                ("proxy_add_header_map_value", 0, b"x", b"y"),
                ("proxy_send_local_response", 403, b"", b"no", b"", -1),
                _TRAP,
            ]
        },
    ),
    _policy("fail-open", "trap.fail-open", settings={"fail_open": True}),
    _policy("fail-open", "trap.fail-open", "request_body", settings={"fail_open": True}),
    _policy("fail-open", "trap.fail-open", "response_headers", settings={"fail_open": True}),
    _policy("fail-open", "trap.fail-open", "response_body", settings={"fail_open": True}),
    _policy("policy-open", "trap.policy.open", settings={"failure_policy": "FAIL_OPEN"}),
    _policy(
        "policy-open",
        "trap.policy.open",
        "response_headers",
        settings={"failure_policy": "FAIL_OPEN"},
    ),
    _policy("policy-closed", "trap.policy.closed", settings={"failure_policy": "FAIL_CLOSED"}),
    case(
        "trap.policy-reload",
        "trap.policy.reload",
        {"request_headers#1": ["(if (i32.eq (local.get 0) (i32.const 2)) (then (unreachable)))"]},
        steps=(Exchange(), Exchange(), Wait(milliseconds=2500), Exchange()),
        settings={"failure_policy": "FAIL_RELOAD"},
    ),
    _shared("shared-vm", _TRAPS, _TRAPS, "trap.shared chain.shared-vm"),
    _shared("other-vm", _TRAPS, plugin(), "chain.trap chain.separate-vms"),
)
