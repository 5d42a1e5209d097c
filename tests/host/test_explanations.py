"""Every hostcall with every status it can refuse with: each has a sentence of its own."""

from dataclasses import dataclass

import pytest

from tests.host.plugins import OUT, Statement, plugin
from wasmctl import messages
from wasmctl.abi.types import AbiVersion, Status
from wasmctl.host import Host, TraceRecord
from wasmctl.host.hostcalls import HOSTCALLS

BEYOND = 1 << 30
NOWHERE = (BEYOND, 5)
PAIRS = b"\0\0\0\0"


@dataclass(frozen=True)
class Row:
    """A refusal: the status, the call, words that its sentence has, and where it is made.

    ``before`` is called first; ``twice`` where the second call is refused.
    """

    status: Status
    call: tuple[str | int | bytes, ...]  # its name, then its arguments
    words: tuple[str, ...]
    callback: str = "request_headers"
    before: tuple[Statement, ...] = ()
    abi: AbiVersion = AbiVersion.V0_2_1
    capabilities: frozenset[str] | None = None

    @property
    def hostcall(self) -> str:
        return str(self.call[0])

    @property
    def name(self) -> str:
        return f"{self.hostcall}-{self.status.name}-{self.words[0]}"


MEMORY = Status.INVALID_MEMORY_ACCESS
BAD = Status.BAD_ARGUMENT
MISSING = Status.NOT_FOUND
MAP = "HTTP_RESPONSE_TRAILERS"
POINTER = ("return pointer", str(BEYOND))

ROWS = [
    Row(BAD, ("proxy_log", 6, b"text"), ("level 6", "LogLevel", "CRITICAL (5)")),
    Row(MEMORY, ("proxy_log", 2, *NOWHERE), ("message", str(BEYOND), "524288")),
    Row(MEMORY, ("proxy_get_log_level", BEYOND), POINTER),
    Row(MEMORY, ("proxy_get_status", BEYOND, 16, 20), POINTER),
    Row(MISSING, ("proxy_set_property", b"key", b"value"), ("stream", "key"), "configure"),
    Row(MEMORY, ("proxy_set_property", *NOWHERE, b"value"), ("path", str(BEYOND))),
    Row(MISSING, ("proxy_get_property", b"nothing", *OUT), ("nothing",)),
    Row(Status.SERIALIZATION_FAILURE, ("proxy_get_property", b"", *OUT), ("empty",)),
    Row(Status.SERIALIZATION_FAILURE, ("proxy_get_property", b"request", *OUT), ("request",)),
    Row(MEMORY, ("proxy_get_property", *NOWHERE, *OUT), ("path", str(BEYOND))),
    Row(
        MEMORY,
        ("proxy_send_local_response", 403, b"", *NOWHERE, PAIRS, -1),
        ("body", str(BEYOND)),
    ),
    Row(MISSING, ("proxy_get_shared_data", b"none", *OUT, 24), ("none",)),
    Row(MEMORY, ("proxy_get_shared_data", *NOWHERE, *OUT, 24), ("key", str(BEYOND))),
    Row(
        Status.CAS_MISMATCH,
        ("proxy_set_shared_data", b"key", b"value", 77),
        ("key", "77"),
        before=(("proxy_set_shared_data", b"key", b"value", 0),),
    ),
    Row(MEMORY, ("proxy_set_shared_data", b"key", *NOWHERE, 0), ("value", str(BEYOND))),
    Row(MEMORY, ("proxy_register_shared_queue", *NOWHERE, 16), ("name", str(BEYOND))),
    Row(MISSING, ("proxy_resolve_shared_queue", b"", b"none", 16), ("none",)),
    Row(MEMORY, ("proxy_resolve_shared_queue", b"", *NOWHERE, 16), ("name", str(BEYOND))),
    Row(MISSING, ("proxy_enqueue_shared_queue", 99, b"value"), ("99",)),
    Row(MEMORY, ("proxy_enqueue_shared_queue", 1, *NOWHERE), ("value", str(BEYOND))),
    Row(MISSING, ("proxy_dequeue_shared_queue", 99, *OUT), ("99",)),
    Row(
        Status.EMPTY,
        ("proxy_dequeue_shared_queue", 1, *OUT),
        ("queue", "1"),
        before=(("proxy_register_shared_queue", b"queue", 16),),
    ),
    Row(BAD, ("proxy_get_header_map_value", 8, b"x", *OUT), ("map_type 8", "MapType")),
    Row(BAD, ("proxy_get_header_map_value", 3, b"x", *OUT), (MAP,)),
    Row(MISSING, ("proxy_get_header_map_value", 0, b"x-none", *OUT), ("x-none",)),
    Row(MEMORY, ("proxy_get_header_map_value", 0, *NOWHERE, *OUT), ("key", str(BEYOND))),
    Row(MEMORY, ("proxy_get_header_map_value", 0, b":path", BEYOND, 16), POINTER),
    Row(BAD, ("proxy_add_header_map_value", 8, b"x", b"v"), ("map_type 8",)),
    Row(BAD, ("proxy_add_header_map_value", 3, b"x", b"v"), (MAP,)),
    Row(MEMORY, ("proxy_add_header_map_value", 0, b"x", *NOWHERE), ("value", str(BEYOND))),
    Row(BAD, ("proxy_replace_header_map_value", 8, b"x", b"v"), ("map_type 8",)),
    Row(BAD, ("proxy_replace_header_map_value", 3, b"x", b"v"), (MAP,)),
    Row(MEMORY, ("proxy_replace_header_map_value", 0, *NOWHERE, b"v"), ("key", str(BEYOND))),
    Row(BAD, ("proxy_remove_header_map_value", 8, b"x"), ("map_type 8",)),
    Row(BAD, ("proxy_remove_header_map_value", 3, b"x"), (MAP,)),
    Row(MEMORY, ("proxy_remove_header_map_value", 0, *NOWHERE), ("key", str(BEYOND))),
    Row(BAD, ("proxy_get_header_map_pairs", 8, *OUT), ("map_type 8",)),
    Row(MEMORY, ("proxy_get_header_map_pairs", 0, 16, BEYOND), POINTER),
    Row(BAD, ("proxy_set_header_map_pairs", 8, PAIRS), ("map_type 8",)),
    Row(BAD, ("proxy_set_header_map_pairs", 3, PAIRS), (MAP,)),
    Row(MEMORY, ("proxy_set_header_map_pairs", 0, *NOWHERE), ("pairs", str(BEYOND))),
    Row(BAD, ("proxy_get_header_map_size", 8, 16), ("map_type 8",)),
    Row(BAD, ("proxy_get_header_map_size", 3, 16), (MAP,)),
    Row(MEMORY, ("proxy_get_header_map_size", 0, BEYOND), POINTER),
    Row(BAD, ("proxy_get_buffer_bytes", 9, 0, 9, *OUT), ("buffer_type 9", "BufferType")),
    Row(MISSING, ("proxy_get_buffer_bytes", 7, 0, 9, *OUT), ("PLUGIN_CONFIGURATION",)),
    Row(MEMORY, ("proxy_get_buffer_bytes", 6, 0, 9, BEYOND, 16), POINTER),
    Row(BAD, ("proxy_get_buffer_status", 9, *OUT), ("buffer_type 9",)),
    Row(MISSING, ("proxy_get_buffer_status", 4, *OUT), ("HTTP_CALL_RESPONSE_BODY",)),
    Row(MEMORY, ("proxy_get_buffer_status", 6, BEYOND, 16), POINTER),
    Row(BAD, ("proxy_set_buffer_bytes", 9, 0, 9, b"x"), ("buffer_type 9",)),
    Row(BAD, ("proxy_set_buffer_bytes", 6, 0, 9, b"x"), ("VM_CONFIGURATION",)),
    Row(BAD, ("proxy_set_buffer_bytes", 0, 0, 9, b"x"), ("HTTP_REQUEST_BODY",)),
    Row(BAD, ("proxy_set_buffer_bytes", 0, 2, 1, b"x"), ("2",), "request_body"),
    Row(MISSING, ("proxy_set_buffer_bytes", 7, 0, 9, b"x"), ("PLUGIN_CONFIGURATION",)),
    Row(MEMORY, ("proxy_set_buffer_bytes", 0, 0, 9, *NOWHERE), ("content", str(BEYOND))),
    Row(BAD, ("proxy_http_call", b"none", PAIRS, b"", PAIRS, 5, 16), ("none",)),
    Row(BAD, ("proxy_http_call", b"upstream", PAIRS, b"", PAIRS, -5, 16), ("-5",)),
    Row(BAD, ("proxy_http_call", b"upstream", PAIRS, b"", PAIRS, 5, 16), (":method", ":path")),
    Row(
        MEMORY,
        ("proxy_http_call", *NOWHERE, PAIRS, b"", PAIRS, 5, 16),
        ("upstream", str(BEYOND)),
    ),
    Row(BAD, ("proxy_define_metric", 3, b"m", 16), ("metric type 3",)),
    Row(MEMORY, ("proxy_define_metric", 0, *NOWHERE, 16), ("name", str(BEYOND))),
    Row(MISSING, ("proxy_increment_metric", 400, 1), ("400",)),
    Row(BAD, ("proxy_increment_metric", 402, 1), ("402",)),
    Row(
        BAD,
        ("proxy_increment_metric", 4, -1),
        ("-1",),
        before=(("proxy_define_metric", 0, b"m", 16),),
    ),
    Row(MISSING, ("proxy_record_metric", 400, 1), ("400",)),
    Row(MISSING, ("proxy_get_metric", 400, 16), ("400",)),
    Row(BAD, ("proxy_get_metric", 402, 16), ("402",)),
    Row(
        MEMORY,
        ("proxy_get_metric", 4, BEYOND),
        POINTER,
        before=(("proxy_define_metric", 0, b"m", 16),),
    ),
    Row(
        Status.PARSE_FAILURE,
        ("proxy_grpc_call", b"none", b"s", b"m", PAIRS, b"", 5, 16),
        ("none",),
    ),
    Row(MEMORY, ("proxy_grpc_call", *NOWHERE, b"s", b"m", PAIRS, b"", 5, 16), (str(BEYOND),)),
    Row(Status.PARSE_FAILURE, ("proxy_grpc_stream", b"none", b"s", b"m", PAIRS, 16), ("none",)),
    Row(MEMORY, ("proxy_grpc_stream", b"none", b"s", *NOWHERE, PAIRS, 16), (str(BEYOND),)),
    Row(MISSING, ("proxy_grpc_send", 402, b"", 1), ("402",)),
    Row(BAD, ("proxy_grpc_send", 400, b"", 1), ("400",)),
    Row(MEMORY, ("proxy_grpc_send", 402, *NOWHERE, 1), (str(BEYOND),)),
    Row(MISSING, ("proxy_grpc_cancel", 401), ("401",)),
    Row(BAD, ("proxy_grpc_cancel", 400), ("400",)),
    Row(MISSING, ("proxy_grpc_close", 401), ("401",)),
    Row(BAD, ("proxy_grpc_close", 400), ("400",)),
    Row(MEMORY, ("proxy_get_current_time_nanoseconds", BEYOND), POINTER),
    Row(BAD, ("proxy_set_effective_context", 99), ("99",)),
    Row(MISSING, ("proxy_done",), ("end",)),
    Row(MISSING, ("proxy_call_foreign_function", b"none", b"", *OUT), ("none",)),
    Row(
        Status.SERIALIZATION_FAILURE,
        ("proxy_call_foreign_function", b"uncompress", b"no zlib", *OUT),
        ("7 bytes", "not compressed"),
    ),
    Row(
        BAD,
        ("proxy_call_foreign_function", b"expr_create", b"a +", *OUT),
        ("a +", "Syntax error"),
    ),
    Row(MEMORY, ("proxy_call_foreign_function", *NOWHERE, b"", *OUT), ("name", str(BEYOND))),
    Row(MEMORY, ("envoy_resolve_dns", *NOWHERE, 16), ("name", str(BEYOND))),
    Row(BAD, ("proxy_continue_stream", 4), ("stream_type 4", "StreamType")),
    Row(Status.UNIMPLEMENTED, ("proxy_continue_stream", 3), ("UPSTREAM",)),
    Row(BAD, ("proxy_close_stream", 4), ("stream_type 4",)),
    Row(MEMORY, ("proxy_get_configuration", BEYOND, 16), POINTER, abi=AbiVersion.V0_1_0),
    Row(
        Status.INTERNAL_FAILURE,
        ("proxy_set_tick_period_milliseconds", 5),
        ("proxy_set_tick_period_milliseconds", "capabilities"),
        capabilities=frozenset({"proxy_on_request_headers"}),
    ),
]

# These cannot refuse: their arguments are numbers, and any will do.
NEVER = {
    "proxy_set_tick_period_milliseconds",
    "proxy_continue_request",
    "proxy_continue_response",
    "proxy_clear_route_cache",
    "pthread_equal",
    "emscripten_notify_memory_growth",
}


def record(row: Row) -> TraceRecord:
    module = plugin({row.callback: [*row.before, row.call]}, abi=row.abi)
    request = messages.request("/", method="POST", chunks=(b"hello",))
    with Host.start(module, trace=True, capabilities=row.capabilities) as host:
        host.http(request)
    found = [each for each in host.trace if each.function == row.hostcall]
    return found[-1 if row.callback != "configure" else 0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_refusal_has_a_sentence_that_names_what_was_wrong(row: Row) -> None:
    found = record(row)

    assert found.status == row.status.name
    assert [word for word in row.words if word not in found.explanation] == [], found.explanation


def test_every_hostcall_is_among_them_or_cannot_refuse() -> None:
    explained = {row.hostcall for row in ROWS}
    hostcalls = {name for name, each in HOSTCALLS.items() if each.modules == ("env",)}

    assert explained | NEVER == hostcalls


def test_no_two_refusals_of_a_hostcall_have_the_same_sentence() -> None:
    told = [(row.hostcall, record(row).explanation) for row in ROWS]

    assert len(set(told)) == len(told)


WASI_ROWS = [
    ("BADF", ("fd_write", 7, 64, 1, 16), ("descriptor 7",)),
    ("FAULT", ("fd_write", 1, BEYOND, 1, 16), ("524288",)),
    ("FAULT", ("fd_write", 1, 64, 1, BEYOND), POINTER),
    ("BADF", ("fd_fdstat_get", 0, 16), ("descriptor 0",)),
    ("NOSYS", ("fd_fdstat_set_flags", 1, 0), ("fd_fdstat_set_flags",)),
    ("NOENT", ("path_open", 3, 0, 64, 4, 0, 0, 0, 0, 16), ("path_open",)),
    ("NOTSUP", ("clock_time_get", 5, 0, 16), ("clock 5",)),
    ("FAULT", ("clock_time_get", 0, 0, (8 * 65536) - 4), ("524284",)),
    ("INVAL", ("random_get", 64, 65537), ("65537", "65536")),
    ("FAULT", ("random_get", BEYOND, 5), ("524288",)),
    ("FAULT", ("environ_sizes_get", 16, BEYOND), POINTER),
    ("NOTSUP", ("sock_shutdown", 3, 0), ("sock_shutdown",)),
]


@pytest.mark.parametrize(
    ("status", "call", "words"),
    WASI_ROWS,
    ids=[f"{row[1][0]}-{row[0]}-{row[2][0]}" for row in WASI_ROWS],
)
def test_a_refusal_of_wasi_has_its_sentence_too(
    status: str, call: tuple[str | int, ...], words: tuple[str, ...]
) -> None:
    with Host.start(plugin({"request_headers": [call]}), trace=True) as host:
        host.http(messages.request("/"))

    (found,) = [each for each in host.trace if each.function == call[0]]
    assert found.status == status
    assert [word for word in words if word not in found.explanation] == [], found.explanation
