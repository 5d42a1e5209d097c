"""Messages: levels, prefixes, bad addresses."""

from tests.conformance.case import case
from tests.conformance.plugins import OUTSIDE
from wasmctl.abi.types import AbiVersion

_CALLBACKS = ("context_create", "vm_start", "configure", "request_headers", "log", "done", "delete")

CASES = (
    case(
        "log.levels",
        "log.levels log.level.unknown",
        {"request_headers": [("proxy_log", level, b"m%d" % level) for level in (*range(7), -1)]},
    ),
    case(
        "log.memory",
        "log.memory log.order log.empty memory.out-of-range memory.empty-at-end",
        {
            "request_headers": [
                ("proxy_log", 2, OUTSIDE, 1),
                ("proxy_log", 2, OUTSIDE - 1, 2),
                ("proxy_log", 2, OUTSIDE - 1, 1),
                ("proxy_log", 2, OUTSIDE, 0),
                ("proxy_log", 2, OUTSIDE + 1, 0),
                ("proxy_log", 6, OUTSIDE, 1),
                ("proxy_log", 2, -1, -1),
                ("proxy_log", 2, b""),
                ("proxy_log", 2, 0, 4),
            ]
        },
    ),
    case(
        "log.prefix",
        "log.prefix",
        {each: [("proxy_log", 2, each.encode())] for each in _CALLBACKS},
        settings={"name": "named", "root_id": "rooted", "vm_id": "vm"},
    ),
    case(
        "log.prefix-empty",
        "log.prefix",
        {each: [("proxy_log", 3, each.encode())] for each in _CALLBACKS},
        settings={"root_id": ""},
    ),
    case(
        "log.bytes",
        "log.levels",
        {"request_headers": [("proxy_log", 2, b"tab\tline\nnul\0quote'\"back\\ \xc3\xa9")]},
    ),
    case(
        "log.get-level",
        "log.get-level",
        {each: [("proxy_get_log_level",)] for each in _CALLBACKS},
        abi=AbiVersion.V0_2_1,
    ),
    case(
        "log.get-level-memory",
        "memory.result-out-of-range",
        {"request_headers": [("proxy_get_log_level", each) for each in (OUTSIDE, OUTSIDE - 3, -1)]},
    ),
)
