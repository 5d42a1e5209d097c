from collections.abc import Sequence

import pytest

from tests.host.plugins import OUT, UNREACHABLE, Statement, plugin
from wasmctl import messages
from wasmctl.abi.types import LogLevel, MapType
from wasmctl.host import Ending, Host, LoadError, TraceKind, TraceRecord, envoy_lines

GET_PATH = ("proxy_get_header_map_value", 0, b":path", *OUT)


def traced(statements: Sequence[Statement], *, fast_calls: bool = True) -> tuple[TraceRecord, ...]:
    module = plugin({"request_headers": statements, "log": []})
    with Host.start(module, name="mine", trace=True, fast_calls=fast_calls) as host:
        host.http(messages.request("/cart"))
    return host.trace


def only(statement: Statement, *, fast_calls: bool = True) -> TraceRecord:
    records = traced([statement], fast_calls=fast_calls)
    (found,) = [record for record in records if record.kind is TraceKind.HOSTCALL]
    return found


def test_a_hostcall_is_told_with_its_numbers_and_their_meaning(*, fast_calls: bool) -> None:
    record = only(GET_PATH, fast_calls=fast_calls)

    assert (record.module, record.function) == ("env", "proxy_get_header_map_value")
    assert record.arguments == (0, 1024, 5, *OUT)
    assert record.values == (("map_type", MapType.HTTP_REQUEST_HEADERS), ("key", b":path"))
    assert (record.returned, record.status, record.results) == (0, "OK", (b"/cart",))


def test_the_allocator_belongs_to_the_hostcall_that_needs_memory(*, fast_calls: bool) -> None:
    records = traced([GET_PATH], fast_calls=fast_calls)

    assert [(each.function, each.depth) for each in records] == [
        ("proxy_on_request_headers", 0),
        ("proxy_get_header_map_value", 1),
        ("malloc", 2),
        ("proxy_on_log", 0),
    ]
    assert records[2].values == (("size", 5),)
    assert [each.context for each in records] == [2, 2, 0, 2]


def test_a_record_names_its_machine_its_plugin_and_its_stream() -> None:
    record = only(("proxy_log", 2, b"text"))

    assert (record.vm, record.plugin, record.stream, record.context) == (1, "mine", 2, 2)


def test_a_callback_is_told_with_what_its_answer_means() -> None:
    record = traced([])[0]

    assert record.kind is TraceKind.CALLBACK
    assert dict(record.values) == {
        "stream_context_id": 2,
        "num_headers": 5,
        "end_of_stream": "true",
    }
    assert record.results == ("CONTINUE",)


def test_a_hostcall_that_is_refused_says_why() -> None:
    record = only(("proxy_get_header_map_value", 2, b"x", *OUT))

    assert record.status == "BAD_ARGUMENT"
    assert "HTTP_RESPONSE_HEADERS" in record.explanation
    assert record.results == ()


def test_what_cannot_be_read_is_none() -> None:
    record = only(("proxy_log", 2, 1 << 30, 4))

    assert record.values == (("level", LogLevel.INFO), ("message", None))
    assert record.status == "INVALID_MEMORY_ACCESS"


def test_signed_numbers_have_their_sign() -> None:
    record = only(("proxy_increment_metric", 4, -3))

    assert record.arguments == (4, (1 << 64) - 3)
    assert record.values[1][1] == -3


def test_of_very_long_bytes_the_beginning_is_kept() -> None:
    record = only(("proxy_log", 2, 0, 200_000))

    message = dict(record.values)["message"]
    assert isinstance(message, bytes)
    assert len(message) == 65536
    assert record.arguments[2] == 200_000


def test_what_is_written_to_standard_output_is_told_as_text() -> None:
    module = plugin(
        {"request_headers": [("fd_write", 1, 64, 2, 16)]},
        extra='(data (i32.const 64) "\\60\\00\\00\\00\\02\\00\\00\\00\\62\\00\\00\\00\\02")'
        '(data (i32.const 96) "text")',
    )

    with Host.start(module, trace=True) as host:
        host.http(messages.request("/"))

    written = host.trace[1]
    assert written.values == (("descriptor", 1), ("text", b"text"))
    assert (written.results, written.status) == ((4,), "SUCCESS")


def test_a_call_that_ends_the_plugin_has_not_returned(*, fast_calls: bool) -> None:
    module = plugin(
        {"request_headers": [GET_PATH]},
        allocator='(func (export "malloc") (param i32) (result i32)'
        " (drop (call $proxy_done)) (i32.const 0))",
    )

    with Host.start(module, trace=True, fast_calls=fast_calls) as host:
        host.http(messages.request("/"))

    assert [(each.function, each.ending) for each in host.trace] == [
        ("proxy_on_request_headers", Ending.RETURNED),
        ("proxy_get_header_map_value", Ending.RETURNED),
        ("malloc", Ending.TRAPPED),
        ("proxy_done", Ending.TRAPPED),
    ]
    assert host.trace[1].explanation == "the plugin's allocator returned no memory for the result"


def test_a_plugin_that_does_not_start_leaves_its_trace() -> None:
    module = plugin({"configure": [("proxy_log", 2, b"text"), UNREACHABLE]})

    with pytest.raises(LoadError) as caught:
        Host.start(module, trace=True)

    assert envoy_lines(caught.value.trace) == (
        "[host->vm] proxy_on_configure(1, 0)",
        "[vm->host] env.proxy_log(2, 1024, 4)",
        "[vm<-host] env.proxy_log return: 0",
    )


def test_without_being_asked_a_host_takes_down_nothing() -> None:
    with Host.start(plugin({"request_headers": [GET_PATH]})) as host:
        host.http(messages.request("/"))

    assert host.trace == ()


def test_a_trace_changes_nothing_that_a_plugin_could_notice(*, fast_calls: bool) -> None:
    module = plugin({"request_headers": [GET_PATH, ("proxy_log", 9, b"text")], "log": []})
    fuel, clients = [], []

    for trace in (False, True):
        with Host.start(module, trace=trace, fast_calls=fast_calls) as host:
            clients.append(host.http(messages.request("/cart")))
        fuel.append(host.fuel)

    assert fuel[0] == fuel[1]
    assert clients[0] == clients[1]
