"""Small plugins on which the steps of scenarios can be tried, by the name of their file."""

from pathlib import Path

from tests.host.plugins import OUT, UNREACHABLE, VALUE, Statement, plugin
from tests.testing.gate_plugin import gate
from wasmctl.abi.wire import encode_pairs

_CLEAR = "(i64.store (i32.const 16) (i64.const 0))"
_SECOND_LETTER = "(i32.load8_u (i32.add (i32.load (i32.const 16)) (i32.const 1)))"


_DEQUEUE = """(drop (call $proxy_dequeue_shared_queue
    (local.get 1) (i32.const 16) (i32.const 20)))"""
_STOP_TICKS = "(call $tell (call $proxy_set_tick_period_milliseconds (i32.const 0)))"


def _value(*call: str | int | bytes) -> list[Statement]:
    return [_CLEAR, (*call, *OUT), VALUE]


def _path_begins(letter: str, then: str) -> list[Statement]:
    is_it = f"(i32.eq {_SECOND_LETTER} (i32.const {ord(letter)}))"
    path: Statement = ("proxy_get_header_map_value", 0, b":path", *OUT)
    return [_CLEAR, path, f"(if {is_it} (then {then}))"]


def _adds(value: bytes) -> list[Statement]:
    return [("proxy_add_header_map_value", 0, b"x-order", value)]


def _say(text: bytes) -> Statement:
    return ("proxy_log", 2, text)


def _started() -> list[Statement]:
    """Tell the configuration, and refuse one of three bytes."""
    refuse = "(if (i32.eq (local.get 1) (i32.const 3)) (then (return (i32.const 0))))"
    return [*_value("proxy_get_buffer_bytes", 7, 0, 100), refuse]


def _is_as_before(path: bytes, number: int) -> list[Statement]:
    """Tell ``number`` where a property is another than the last time, and one more where not."""
    known, now = f"(i32.const {640 + number * 8})", "(i64.load (i32.load (i32.const 16)))"
    is_it = f"(i64.eq (i64.load {known}) {now})"
    tell = f"(call $tell (i32.add (i32.const {number}) {is_it}))"
    return [("proxy_get_property", path, *OUT), tell, f"(i64.store {known} {now})"]


_FRAME = [_say(b"frame"), "(call $tell (local.get 1))", "(call $tell (local.get 2))"]

_PROPERTIES = (
    b"metadata\0filter_metadata\0my.ns\0user",
    b"metadata\0filter_metadata\0my.ns\0level",
    b"filter_state\0my.state",
    b"xds\0route_metadata\0filter_metadata\0r\0a\0b",
    b"xds\0cluster_metadata\0filter_metadata\0c\0k",
    b"connection\0tls_version",
)

_HEADERS = encode_pairs(((b":method", b"GET"), (b":path", b"/r"), (b":authority", b"a")))
_REPORT: Statement = ("proxy_http_call", b"reports", _HEADERS, b"", b"", 1000, 24)

PLUGINS = {
    "gate.wasm": gate(),
    "slow-gate.wasm": gate(timeout=60_000),
    "first.wasm": plugin({"request_headers": _adds(b"first")}),
    "second.wasm": plugin({"request_headers": _adds(b"second")}),
    "configured.wasm": plugin(
        {"configure": _started(), "request_headers": [_say(b"request")]},
    ),
    "vm-configured.wasm": plugin({"vm_start": _value("proxy_get_buffer_bytes", 6, 0, 100)}),
    "crashes.wasm": plugin({"request_headers": _path_begins("b", UNREACHABLE)}),
    "ticks.wasm": plugin(
        {
            "configure": [("proxy_set_tick_period_milliseconds", 100)],
            "tick": [_say(b"tick")],
        }
    ),
    "reports.wasm": plugin(
        {
            "configure": [("proxy_set_tick_period_milliseconds", 200)],
            "tick": [_REPORT, _say(b"tick"), ("proxy_set_tick_period_milliseconds", 0)],
            "http_call_response": [_say(b"heard")],
            "log": [_REPORT],
        }
    ),
    "reports-start.wasm": plugin({"configure": [_REPORT]}),
    "shares.wasm": plugin(
        {"request_headers": [_CLEAR, ("proxy_get_shared_data", b"k", *OUT, 24), VALUE]}
    ),
    "queue.wasm": plugin(
        {
            "configure": [("proxy_register_shared_queue", b"jobs", 24)],
            "queue_ready": [
                _CLEAR,
                _DEQUEUE,
                VALUE,
            ],
        }
    ),
    "connections.wasm": plugin(
        {
            "request_headers": [
                *_is_as_before(b"connection\0id", 0),
                *_is_as_before(b"source\0port", 10),
            ]
        }
    ),
    "refuses.wasm": plugin(
        {"request_headers": [("proxy_send_local_response", 403, b"", b"no", b"", -1)]},
        returns={"request_headers": 1},
    ),
    "source.wasm": plugin({"request_headers": _value("proxy_get_property", b"source\0address")}),
    "properties.wasm": plugin(
        {
            "request_headers": [
                statement
                for path in _PROPERTIES
                for statement in _value("proxy_get_property", path)
            ]
        }
    ),
    "frames.wasm": plugin({"request_body": _FRAME, "response_body": _FRAME}),
    "pauses-response.wasm": plugin(
        {"response_headers": [_say(b"response")]}, returns={"response_headers": 1}
    ),
    "buffers.wasm": plugin({"request_body": [_say(b"more")]}, returns={"request_body": 1}),
    "restricted.wasm": plugin(
        {
            "request_headers": [
                "(call $tell (call $proxy_set_tick_period_milliseconds (i32.const 0)))"
            ]
        }
    ),
    "starts.wasm": plugin({"vm_start": [_say(b"start")], "request_headers": [_say(b"request")]}),
    "stops.wasm": plugin(
        {"request_headers": [_say(b"headers")], "request_body": [_say(b"body")]},
        returns={"request_headers": 1},
    ),
}


def written(folder: Path) -> Path:
    """Write them all into a folder, and return where a scenario file may stand there."""
    for name, module in PLUGINS.items():
        (folder / name).write_bytes(module)
    return folder / "a.wasmtest.yaml"
