"""Shared data."""

from tests.conformance.case import Case, Filter, case
from tests.conformance.plugins import OUTSIDE, plugin

_GET, _SET = "proxy_get_shared_data", "proxy_set_shared_data"
_READER = plugin(
    {"request_headers": [(_GET, b"key", 16, 20, 28)], "configure": [(_GET, b"key", 16, 20, 28)]}
)
_WRITER = plugin({"request_headers": [(_SET, b"key", b"written", 0)]})

CASES = (
    case(
        "shared.get-set",
        "shared.get.missing shared.set-get shared.empty",
        {
            "request_headers": [
                (_GET, b"key", 16, 20, 24),
                (_SET, b"key", b"value", 0),
                (_GET, b"key", 16, 20, 28),
                (_SET, b"", b"nameless", 0),
                (_GET, b"", 16, 20, 28),
                (_SET, b"empty", b"", 0),
                (_GET, b"empty", 16, 20, 28),
                (_SET, b"null", 0, 0, 0),
                (_GET, b"null", 16, 20, 28),
            ]
        },
    ),
    case(
        "shared.null",
        "shared.null",
        {
            "request_headers": [
                (_SET, b"key", b"value", 0),
                (_SET, b"key", 0, 0, 0),
                (_GET, b"key", 16, 20, 28),
            ]
        },
    ),
    case(
        "shared.cas",
        "shared.cas",
        {
            "request_headers": [
                (_SET, b"key", b"any", 99),
                # The number is counted per process: it is read, used, and used once more.
                (_GET, b"key", 16, 20, 28),
                (_SET, b"key", b"first", "(i32.load (i32.const 28))"),
                (_SET, b"key", b"second", "(i32.load (i32.const 28))"),
                (_SET, b"key", b"third", 0),
                (_GET, b"key", 16, 20, 28),
                (_SET, b"key", b"fourth", "(i32.add (i32.load (i32.const 28)) (i32.const 1))"),
            ]
        },
    ),
    case(
        "shared.memory",
        "memory.out-of-range memory.result-out-of-range",
        {
            "request_headers": [
                (_SET, OUTSIDE, 1, b"v", 0),
                (_SET, b"k", OUTSIDE, 1, 0),
                (_GET, OUTSIDE, 1, 16, 20, 28),
                (_SET, b"k", b"v", 0),
                (_GET, b"k", OUTSIDE, 20, 28),
                (_GET, b"k", 16, 20, OUTSIDE),
            ]
        },
    ),
    case(
        "shared.canary",
        "shared.canary",
        {
            "configure": [(_SET, b"key", b"started", 0)],
            "request_headers": [(_GET, b"key", 16, 20, 28)],
        },
    ),
    Case(
        id="shared.vm-id",
        rows=("shared.vm-id", "chain.separate-vms"),
        filters=(Filter(code=_WRITER), Filter(code=_READER)),
    ),
    Case(
        id="shared.other-vm-id",
        rows=("shared.other-vm-id",),
        filters=(Filter(code=_WRITER), Filter(code=_READER, vm_id="other")),
    ),
    Case(
        id="shared.same-code-other-vm-id",
        rows=("shared.other-vm-id",),
        filters=(
            Filter(code=_WRITER),
            Filter(code=_WRITER, vm_id="other"),
            Filter(code=_READER, vm_id="other"),
        ),
    ),
)
