"""Versions of the interface."""

from tests.conformance.case import answer, case
from wasmctl import messages
from wasmctl.abi.types import AbiVersion

_OLD, _MIDDLE = AbiVersion.V0_1_0, AbiVersion.V0_2_0
_POST = messages.request("/", method="POST", chunks=(b"abc",), trailers=((b"x-t", b"t"),))
_REPLY = answer(chunks=(b"ABC",), trailers=((b"x-t", b"t"),))
_ALL = (
    *("context_create", "vm_start", "configure", "request_headers", "response_headers"),
    *("log", "done", "delete"),
)

CASES = (
    case(
        "abi.0.1.0", "abi.0.1.0.headers lifecycle.all-passes", abi=_OLD, request=_POST, reply=_REPLY
    ),
    case("abi.0.2.0", "abi.0.2.0 lifecycle.all-passes", abi=_MIDDLE, request=_POST, reply=_REPLY),
    case(
        "abi.0.1.0-configuration",
        "abi.0.1.0.configuration",
        {each: [("proxy_get_configuration",)] for each in _ALL},
        abi=_OLD,
        settings={"configuration": b"plugin's", "vm_configuration": b"vm's"},
    ),
    case(
        "abi.0.1.0-continue",
        "abi.0.1.0.continue",
        {
            "request_headers": [("proxy_continue_request",)],
            "response_headers": [("proxy_continue_response",)],
        },
        returns={"request_headers": 1, "response_headers": 1},
        abi=_OLD,
    ),
    case(
        "abi.0.1.0-continue-body",
        "abi.0.1.0.continue",
        {"request_body": [("proxy_continue_request",)]},
        returns={"request_body": 1},
        request=messages.request("/", method="POST", chunks=(b"abc",)),
        abi=_OLD,
    ),
    case(
        "abi.0.1.0-clear-route-cache",
        "abi.0.1.0.clear-route-cache",
        {each: [("proxy_clear_route_cache",)] for each in _ALL},
        abi=_OLD,
    ),
    case(
        "abi.0.1.0-local",
        "abi.0.1.0.headers local.request-headers",
        {"request_headers": [("proxy_send_local_response", 403, b"why", b"no", b"", -1)]},
        abi=_OLD,
        request=_POST,
    ),
    case(
        "abi.several-old-first",
        "abi.several",
        abi=_OLD,
        extra=f'(func (export "{AbiVersion.V0_2_1.marker}"))',
    ),
    case(
        "abi.several-new-first",
        "abi.several",
        extra=f'(func (export "{_OLD.marker}"))',
    ),
    case(
        "abi.marker-with-signature",
        "abi.0.2.0",
        marker="unused",
        extra=f'(func (export "{_MIDDLE.marker}") (param i32) (result i32) (i32.const 0))',
    ),
)
