"""Memory: bad addresses, allocators, growth."""

from tests.conformance.case import Case, answer, case
from tests.conformance.plugins import HEAP, OUT, OUTSIDE, Statement
from wasmctl.abi.hostcalls import HOSTCALLS
from wasmctl.abi.types import AbiVersion

_GET = "proxy_get_header_map_value"
_LAST = OUTSIDE - 1
# What these would do to the stream, or to Envoy, other cases show.
_HARMFUL = {
    *("proxy_send_local_response", "proxy_continue_stream", "proxy_close_stream"),
    *("proxy_grpc_call", "proxy_grpc_stream", "proxy_done", "proxy_set_effective_context"),
    *("envoy_resolve_dns", "pthread_equal", "emscripten_notify_memory_growth"),
    *("proxy_set_header_map_pairs", "proxy_http_call"),
}
_CALLS = {
    name: signature
    for name, signature in HOSTCALLS[AbiVersion.V0_2_1].items()
    if name not in _HARMFUL and signature.parameters
}


def _with(value: int, first: int | None = None) -> list[Statement]:
    """Call each hostcall with one number for all its arguments, the first perhaps another."""
    calls: list[Statement] = []
    for name, signature in _CALLS.items():
        arguments = [value] * len(signature.parameters)
        if first is not None:
            arguments[0] = first
        calls.append((name, *arguments))
    return calls


def _all(name: str, rows: str, *values: int, first: int | None = None) -> Case:
    calls = [call for value in values for call in _with(value, first)]
    return case(f"memory.{name}", rows, {"request_headers": calls})


_PAGES = 1024 * 1024 * 1024 // 65536

CASES = (
    _all("all-outside", "memory.out-of-range memory.enum-first", OUTSIDE),
    _all("all-outside-known", "memory.out-of-range memory.result-out-of-range", OUTSIDE, first=0),
    _all("all-minus-one", "memory.overflow memory.enum-first", -1),
    _all("all-minus-one-known", "memory.overflow", -1, first=0),
    _all("all-last-byte", "memory.out-of-range memory.result-out-of-range", _LAST, first=0),
    _all("all-zero", "memory.zero", 0),
    case(
        "memory.get",
        "memory.out-of-range memory.result-out-of-range memory.zero",
        {
            "request_headers": [
                (_GET, 0, OUTSIDE, 1, OUT, OUT + 4),
                (_GET, 0, OUTSIDE, 0, OUT, OUT + 4),
                (_GET, 0, OUTSIDE - 1, 2, OUT, OUT + 4),
                (_GET, 0, b":path", OUTSIDE, OUT),
                (_GET, 0, b":path", OUT, OUTSIDE),
                (_GET, 0, b":path", OUTSIDE - 3, OUTSIDE - 3),
                (_GET, 0, b":path", OUTSIDE - 4, OUT),
                (_GET, 0, b":path", 0, 4),
                (_GET, 0, b"missing", OUTSIDE, OUTSIDE),
                (_GET, 9, OUTSIDE, 1, OUT, OUT + 4),
                (_GET, 0, b":path"),
            ]
        },
    ),
    case(
        "memory.empty-at-end",
        "memory.empty-at-end",
        {
            "request_headers": [
                ("proxy_log", 2, OUTSIDE, 0),
                ("proxy_set_property", OUTSIDE, 0, OUTSIDE, 0),
                ("proxy_add_header_map_value", 0, b"x", OUTSIDE, 0),
                ("proxy_set_buffer_bytes", 0, 0, 0, OUTSIDE, 0),
                ("proxy_set_shared_data", b"k", OUTSIDE, 0, 0),
            ]
        },
    ),
    case(
        "memory.allocator-null",
        "memory.malloc-null",
        {"request_headers": [(_GET, 0, b":path"), ("proxy_get_header_map_pairs", 0)]},
        allocator='(func (export "malloc") (param i32) (result i32) (i32.const 0))',
    ),
    case(
        "memory.allocator-outside",
        "memory.malloc-null",
        {"request_headers": [(_GET, 0, b":path", 0, 4), ("proxy_get_header_map_pairs", 0, 0, 4)]},
        allocator=f'(func (export "malloc") (param i32) (result i32) (i32.const {OUTSIDE}))',
    ),
    case(
        "memory.allocator-edge",
        "memory.malloc-null",
        {"request_headers": [(_GET, 0, b":path", 0, 4), (_GET, 0, b":method", 0, 4)]},
        allocator=f'(func (export "malloc") (param i32) (result i32) (i32.const {OUTSIDE - 1}))',
    ),
    case(
        "memory.allocator-names",
        "memory.malloc-name",
        {"request_headers": [(_GET, 0, b":path")]},
        allocator=f"""
          (func (export "proxy_on_memory_allocate") (param i32) (result i32) (i32.const 4096))
          (func (export "malloc") (param i32) (result i32) (i32.const {HEAP}))""",
    ),
    case(
        "memory.allocator-other",
        "memory.malloc-other",
        {"request_headers": [(_GET, 0, b":path")]},
        allocator="""
          (func (export "proxy_on_memory_allocate") (param i32) (result i32) (i32.const 4096))""",
    ),
    case(
        "memory.allocator-grows",
        "memory.grown",
        {"request_headers": [(_GET, 0, b":path"), (_GET, 0, b":method")]},
        allocator="""
          (func (export "malloc") (param i32) (result i32)
            (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))""",
    ),
    case(
        "memory.grow-limit",
        "memory.grow-limit",
        {
            "request_headers": [
                f"(i32.store (i32.const {OUT}) (memory.grow (i32.const {_PAGES})))",
                "(call $words (i32.const 1))",
                f"(i32.store (i32.const {OUT}) (memory.grow (i32.const {_PAGES - 7})))",
                "(call $words (i32.const 1))",
            ]
        },
    ),
    case(
        "memory.vast-result",
        "memory.grown",
        {"response_body": [("proxy_get_buffer_bytes", 1, 0, 99999)]},
        returns={"response_body": (1, 1, 0)},
        reply=answer(chunks=(b"a" * 16384, b"b" * 16384, b"c")),
    ),
)
