"""Order and identity of contexts."""

from tests.conformance.case import Exchange, Reconfigure, answer, case
from wasmctl import messages, outcomes
from wasmctl.abi.types import AbiVersion

_POST = messages.request("/", method="POST", chunks=(b"abc", b"def"), trailers=((b"x-t", b"t"),))
_REPLY = answer(chunks=(b"ABC", b"DEF"), trailers=((b"x-t", b"t"),))
# Of a configuration longer than the first.
_SECOND_IS_REFUSED = "(if (i32.gt_u (local.get 1) (i32.const 5)) (then (return (i32.const 0))))"
_LOG = ("proxy_log", 2, b"here")

CASES = (
    case(
        "lifecycle.whole",
        "lifecycle.start lifecycle.stream lifecycle.end lifecycle.ids lifecycle.all-passes",
        request=_POST,
        reply=_REPLY,
    ),
    case("lifecycle.bare", "lifecycle.stream"),
    case("lifecycle.no-streams", "lifecycle.start lifecycle.end", steps=()),
    case(
        "lifecycle.two-streams",
        "lifecycle.two-streams lifecycle.ids",
        steps=(Exchange(request=_POST), Exchange(reply=outcomes.reply(_REPLY)), Exchange()),
    ),
    case(
        "lifecycle.configuration-size",
        "lifecycle.configuration-size",
        settings={"configuration": b"four", "vm_configuration": b"fifteen"},
    ),
    case(
        "lifecycle.initialize",
        "lifecycle.initialize",
        {each: [_LOG] for each in ("_initialize", "main", "__main_void", "_start")},
    ),
    case(
        "lifecycle.main-void",
        "lifecycle.main-void",
        {each: [_LOG] for each in ("_initialize", "__main_void", "_start")},
    ),
    case(
        "lifecycle.start-function", "lifecycle.start-function", {"_start": [_LOG], "main": [_LOG]}
    ),
    case("lifecycle.main-only", "lifecycle.start-function", {"main": [_LOG]}),
    case(
        "lifecycle.initialize-trap",
        "lifecycle.initialize-trap",
        {"_initialize": ["(unreachable)"], "main": [_LOG]},
    ),
    case("lifecycle.done-waits", "lifecycle.end.waits return.done.0", returns={"done": (1, 0)}),
    case("lifecycle.done-waits-only-root", "lifecycle.end.waits", returns={"done": 0}, steps=()),
    case(
        "lifecycle.done-then-done",
        "lifecycle.end.waits",
        {"done": [("proxy_done",)], "log": [("proxy_done",)]},
        returns={"done": 0},
    ),
    case(
        "lifecycle.refused-request",
        "lifecycle.refused-request edge.no-path",
        {"request_headers": [("proxy_remove_header_map_value", 0, b":path")]},
        request=_POST,
    ),
    case(
        "lifecycle.few-callbacks",
        "lifecycle.missing-callbacks",
        without=("request_headers", "request_body", "response_headers", "done", "context_create"),
        request=_POST,
        reply=_REPLY,
    ),
    case(
        "lifecycle.no-vm-start",
        "lifecycle.missing-callbacks",
        without=("vm_start", "configure", "log", "delete"),
    ),
    case(
        "lifecycle.validate",
        "lifecycle.start",
        {"proxy_validate_configuration": [_LOG], "foreign_function": [_LOG], "queue_ready": [_LOG]},
        abi=AbiVersion.V0_2_1,
    ),
    case(
        "lifecycle.reconfigured",
        "lifecycle.reconfigured",
        {"configure": [("proxy_get_buffer_bytes", 7, 0, 99)]},
        settings={"configuration": b"first"},
        steps=(Exchange(), Reconfigure(configuration=b"second one"), Exchange()),
    ),
    case(
        "lifecycle.reconfigured-twice",
        "lifecycle.reconfigured",
        {"configure": [("proxy_get_buffer_bytes", 7, 0, 99)]},
        settings={"configuration": b"first"},
        steps=(
            Reconfigure(configuration=b"second"),
            Reconfigure(configuration=b"first"),
            Exchange(),
        ),
    ),
    case(
        "lifecycle.reconfigured-waits",
        "lifecycle.reconfigured lifecycle.end.waits",
        returns={"done": 0},
        settings={"configuration": b"first"},
        steps=(Reconfigure(configuration=b"second"), Exchange()),
    ),
    case(
        "lifecycle.reconfigured-refused",
        "lifecycle.reconfigured-refused",
        {"configure": [_SECOND_IS_REFUSED]},
        settings={"configuration": b"first"},
        steps=(Exchange(), Reconfigure(configuration=b"second one"), Exchange()),
    ),
    case(
        "lifecycle.configuration-bytes",
        "lifecycle.configuration-size body.get.configuration",
        {"configure": [("proxy_get_buffer_bytes", 7, 0, 99)]},
        settings={"configuration": b"\xff\0binary"},
    ),
    case(
        "lifecycle.head", "edge.head", request=messages.request("/", method="HEAD"), reply=answer()
    ),
)
