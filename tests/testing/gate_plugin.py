"""A plugin that asks the cluster ``auth`` about each request, and lets pass what it grants.

A request waits for the answer: 200 lets it pass, 5xx answers 503, anything else 401. The path of
the callout is ``/v1/check``. What the callout's hostcall returned is logged.
"""

from tests.host.plugins import OUT, Statement, plugin
from wasmctl.abi.wire import encode_pairs
from wasmctl.messages import Pair

_PSEUDO: tuple[Pair, ...] = (
    (b":method", b"GET"),
    (b":path", b"/v1/check"),
    (b":authority", b"auth"),
)
_TOKEN = 600
_STREAMS = 512  # the stream of each token stands here
_FIRST = "(i32.load8_u (i32.load (i32.const 16)))"


def _ask(timeout: int) -> list[Statement]:
    call = ("?proxy_http_call", b"auth", encode_pairs(_PSEUDO), b"", b"", timeout, _TOKEN)
    remember = f"""(i32.store
        (i32.add (i32.const {_STREAMS}) (i32.load (i32.const {_TOKEN}))) (local.get 0))"""
    return [call, remember]


def gate(*, timeout: int = 250) -> bytes:
    """Return the plugin; ``timeout`` is the callout's, in milliseconds."""
    choose = f"(i32.store (i32.const 28) {_FIRST})"
    stream = f"(i32.load (i32.add (i32.const {_STREAMS}) (local.get 1)))"
    return plugin(
        {
            "request_headers": _ask(timeout),
            "http_call_response": [
                ("proxy_get_header_map_value", 6, b":status", *OUT),
                choose,
                f"(drop (call $proxy_set_effective_context {stream}))",
                "(if (i32.eq (i32.load (i32.const 28)) (i32.const 50)) (then",
                ("proxy_continue_stream", 0),
                ") (else (if (i32.eq (i32.load (i32.const 28)) (i32.const 53)) (then",
                ("proxy_send_local_response", 503, b"gate_down", b"", b"", -1),
                ") (else",
                ("proxy_send_local_response", 401, b"denied", b"", b"", -1),
                "))))",
            ],
        },
        returns={"request_headers": 1},
    )
