"""Shared queues.

They are registered by streams: what a plugin registers when it is configured belongs to the thread
that was last, the main one or the worker, and that is chance.
"""

from tests.conformance.case import Case, Exchange, Filter, Wait, case
from tests.conformance.plugins import OUTSIDE, Statement, plugin

_REGISTER, _RESOLVE = "proxy_register_shared_queue", "proxy_resolve_shared_queue"
_PUT, _TAKE = "proxy_enqueue_shared_queue", "proxy_dequeue_shared_queue"
# The token is where this callback's call wrote it; it is counted per process, and not shown.
_TOKEN = "(i32.load (i32.const 600))"
_TOKEN_AT = 600


def _register(name: bytes = b"queue") -> Statement:
    return (_REGISTER, name, _TOKEN_AT)


_THEN = (Exchange(), Wait(milliseconds=80))

_OWNER = plugin({"request_headers": [_register()], "queue_ready": [("proxy_log", 2, b"first")]})
_LAST_OWNER = plugin(
    {
        "request_headers": [_register(), (_PUT, _TOKEN, b"one")],
        "queue_ready": [("proxy_log", 2, b"second"), (_TAKE, _TOKEN)],
    }
)

CASES = (
    case(
        "queue.enqueue",
        "queue.register queue.enqueue queue.empty",
        {
            "request_headers": [
                _register(),
                (_TAKE, _TOKEN, 16, 20),
                (_PUT, _TOKEN, b"one"),
                (_PUT, _TOKEN, b""),
                (_PUT, _TOKEN, b"three"),
                (_TAKE, _TOKEN),
                (_TAKE, _TOKEN),
                _register(),
                (_TAKE, _TOKEN),
                (_TAKE, _TOKEN),
            ]
        },
        steps=_THEN,
    ),
    case(
        "queue.unknown",
        "queue.unknown",
        {"request_headers": [(_PUT, 999999, b"one"), (_TAKE, 999999), (_PUT, 0, b""), (_TAKE, 0)]},
    ),
    case(
        "queue.resolve",
        "queue.resolve queue.resolve.own",
        {
            "request_headers": [
                _register(),
                (_RESOLVE, b"", b"queue", _TOKEN_AT),
                (_PUT, _TOKEN, b"one"),
                (_RESOLVE, b"queue-resolve", b"queue", _TOKEN_AT),
                (_TAKE, _TOKEN),
                (_RESOLVE, b"", b"unknown"),
                (_RESOLVE, b"unknown", b"queue"),
            ],
        },
        steps=_THEN,
    ),
    case(
        "queue.ready",
        "queue.ready",
        {
            "request_headers": [_register(), (_PUT, _TOKEN, b"one"), (_PUT, _TOKEN, b"two")],
            "queue_ready": [(_TAKE, _TOKEN)],
        },
        steps=_THEN,
    ),
    case(
        "queue.drained",
        "queue.drained queue.ready",
        {
            "request_headers": [_register(), (_PUT, _TOKEN, b"one"), (_TAKE, _TOKEN)],
            "queue_ready": [(_TAKE, _TOKEN)],
        },
        steps=_THEN,
    ),
    case(
        "queue.resume",
        "queue.ready flow.continue.paused",
        {
            "request_headers": [_register(), (_PUT, _TOKEN, b"one")],
            "queue_ready": [
                (_TAKE, _TOKEN),
                ("proxy_set_effective_context", 2),
                ("proxy_continue_stream", 0),
            ],
        },
        returns={"request_headers": 1},
    ),
    case(
        "queue.memory",
        "memory.out-of-range",
        {
            "request_headers": [
                (_REGISTER, OUTSIDE, 1, 16),
                (_REGISTER, b"queue", OUTSIDE),
                (_RESOLVE, OUTSIDE, 1, b"queue", 16),
                _register(b"queue-of-memory"),
                (_PUT, _TOKEN, OUTSIDE, 1),
                (_PUT, _TOKEN, b"one"),
                (_TAKE, _TOKEN, OUTSIDE, 20),
                (_TAKE, _TOKEN),
            ]
        },
    ),
    Case(
        id="queue.owner",
        rows=("queue.owner", "queue.register"),
        filters=(Filter(code=_OWNER), Filter(code=_LAST_OWNER)),
        steps=_THEN,
    ),
)
