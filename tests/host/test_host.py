"""The host as its users see it: start, exchange, what is left to ask for."""

import pytest

import wasmctl.host
from tests.host.conftest import Start
from tests.host.plugins import OUT, UNREACHABLE, VALUE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages
from wasmctl.abi.types import AbiVersion, LogLevel
from wasmctl.host import Host, LoadError
from wasmctl.plugin import parse
from wasmctl.records import LogLine, TrapKind


def say(text: bytes) -> tuple[str, int, bytes]:
    return ("proxy_log", 2, text)


def test_the_public_names_are_these() -> None:
    assert sorted(wasmctl.host.__all__) == [
        *("Callout", "CalloutState", "Clock", "Ending", "Exchange", "FailurePolicy", "Hazard"),
        *("HazardKind", "Host", "HostOptions", "HttpProtocol", "HttpStream", "Limits", "LoadError"),
        "PluginSettings",
        *("TraceKind", "TraceRecord", "envoy_lines", "timeline"),
    ]


def test_a_request_and_its_reply_pass_a_plugin_that_does_nothing(start: Start) -> None:
    host = start(plugin())

    exchange = host.http(messages.request("/"), messages.response(404, chunks=(b"no",)))

    assert exchange.upstream
    assert exchange.upstream.headers[-1] == (b"x-forwarded-proto", b"http")
    assert exchange.client
    assert (exchange.client.status, exchange.client.body) == (404, b"no")
    assert exchange.upstream_complete
    assert exchange.client_complete
    assert exchange.details == "via_upstream"


def test_an_opened_plugin_is_taken_as_well_as_bytes(start: Start) -> None:
    host = start(parse(plugin()))

    assert host.http(messages.request("/")).client_complete


def test_callbacks_come_in_the_order_of_envoy(start: Start) -> None:
    names = (
        *("context_create", "vm_start", "configure", "request_headers", "request_body"),
        *("request_trailers", "response_headers", "response_body", "response_trailers"),
        *("log", "done", "delete"),
    )
    host = start(plugin({name: [say(name.encode())] for name in names}))
    chunks, trailers = (b"a", b"b"), ((b"t", b"1"),)

    host.http(
        messages.request("/", chunks=chunks, trailers=trailers),
        messages.response(chunks=chunks, trailers=trailers),
    )
    host.close()

    assert texts(host) == [
        *("context_create", "vm_start", "configure", "context_create"),
        *("request_headers", "request_body", "request_body", "request_trailers"),
        *("response_headers", "response_body", "response_body", "response_trailers"),
        *("log", "done", "delete", "done", "delete"),
    ]


def test_initialize_and_main_run_before_everything(start: Start) -> None:
    host = start(
        plugin(
            {
                "_initialize": [say(b"initialize")],
                "main": [say(b"main")],
                "__main_void": [say(b"main void")],
                "_start": [say(b"start")],
                "vm_start": [say(b"vm start")],
            }
        )
    )

    assert texts(host) == ["initialize", "main", "vm start"]


def test_start_runs_where_there_is_no_initialize(start: Start) -> None:
    host = start(plugin({"_start": [say(b"start")], "main": [say(b"main")]}))

    assert texts(host) == ["start"]


def test_a_root_that_wants_to_wait_is_not_waited_for(start: Start) -> None:
    host = start(plugin({"done": [], "delete": [say(b"delete")]}, returns={"done": 0}))

    host.close()

    assert texts(host) == []


def test_contexts_are_counted_from_one(start: Start) -> None:
    tell = "(call $tell (local.get 0)) (call $tell (local.get 1))"
    host = start(plugin({"context_create": [tell, say(b"-")]}))

    host.http(messages.request("/"))
    host.http(messages.request("/"))

    assert texts(host) == ["01", "00", "-", "02", "01", "-", "03", "01", "-"]


def test_headers_callbacks_get_the_count_and_the_end(start: Start) -> None:
    tell = "(call $tell (local.get 1)) (call $tell (local.get 2))"
    host = start(plugin({"request_headers": [tell, say(b"")]}))

    host.http(messages.request("/"))
    host.http(messages.request("/", chunks=(b"a",)))

    assert texts(host) == ["05", "01", "", "05", "00", ""]


def test_headers_callbacks_of_the_first_abi_have_no_end(start: Start) -> None:
    tell = "(call $tell (local.get 1))"
    host = start(plugin({"request_headers": [tell, say(b"")]}, abi=AbiVersion.V0_1_0))

    host.http(messages.request("/"))

    assert texts(host) == ["05", ""]


def test_messages_below_the_level_are_dropped(start: Start) -> None:
    lines = [("proxy_log", level, b"x") for level in range(6)]
    host = start(plugin({"configure": lines}), log_level=LogLevel.ERROR)

    assert host.logs == (
        LogLine(level=LogLevel.ERROR, text="x"),
        LogLine(level=LogLevel.CRITICAL, text="x"),
    )


def test_a_refused_configuration_keeps_its_messages(start: Start) -> None:
    refuses = plugin({"configure": [say(b"no such field")]}, returns={"configure": 0})

    with pytest.raises(LoadError) as refused:
        start(refuses)

    assert refused.value.message == "Failed to configure base Wasm plugin"
    assert [line.text for line in refused.value.logs] == ["no such field"]
    assert refused.value.trap is None


def test_a_refused_start_has_envoys_reason(start: Start) -> None:
    with pytest.raises(LoadError, match="Failed to start base Wasm"):
        start(plugin({"vm_start": []}, returns={"vm_start": 0}))


@pytest.mark.parametrize(
    ("callback", "reason"),
    [
        ("_initialize", "Failed to initialize Wasm code"),
        ("_start", "Failed to initialize Wasm code"),
        ("vm_start", "Failed to start base Wasm"),
        ("configure", "Failed to configure base Wasm plugin"),
    ],
)
def test_a_trap_at_the_start_is_a_refusal(start: Start, callback: str, reason: str) -> None:
    with pytest.raises(LoadError) as refused:
        start(plugin({callback: [UNREACHABLE]}))

    assert refused.value.message == reason
    assert refused.value.trap
    assert refused.value.trap.kind is TrapKind.UNREACHABLE


def test_a_trap_while_the_root_is_made_fails_requests_instead(start: Start) -> None:
    host = start(plugin({"context_create": [UNREACHABLE], "configure": [say(b"never")]}))

    exchange = host.http(messages.request("/"))

    assert exchange.client
    assert exchange.client.status == 503
    assert exchange.upstream is None
    assert texts(host) == []
    assert host.trap


def test_metrics_are_there_by_name(start: Start) -> None:
    count: list[Statement] = [
        ("proxy_define_metric", 0, b"requests", 16),
        "(drop (call $proxy_increment_metric (i32.load (i32.const 16)) (i64.const 2)))",
    ]
    host = start(plugin({"request_headers": count}))

    host.http(messages.request("/"))
    host.http(messages.request("/"))

    assert host.metrics == {"requests": 4}


def test_what_is_not_implemented_yet_is_said(start: Start) -> None:
    calls: list[Statement] = [
        ("?proxy_grpc_call", b"", b"", b"", b"", b"", 0, 16),
        ("?proxy_grpc_stream", b"", b"", b"", b"", 16),
    ]
    host = start(plugin({"request_headers": calls}))

    host.http(messages.request("/"))

    assert texts(host) == ["12", "12"]
    assert host.unimplemented == ("proxy_grpc_call", "proxy_grpc_stream")


def test_a_module_may_import_its_memory_and_its_table(start: Start) -> None:
    imports = """(import "any" "memory" (memory 1)) (import "env" "table" (table 1 funcref))"""
    host = start(plugin({"configure": [("?proxy_log", 2, b"hello")]}, memory=imports))

    assert texts(host) == ["hello", "00"]


def test_the_plugin_reads_its_configurations(start: Start) -> None:
    read: list[Statement] = [
        *(("?proxy_get_buffer_bytes", 7, 0, 100, *OUT), VALUE),
        *(("?proxy_get_buffer_bytes", 6, 0, 100, *OUT), VALUE),
    ]
    host = start(
        plugin({"configure": read}), configuration=b'{"a": 1}', vm_configuration=b"machine"
    )

    assert texts(host) == ["00", '{"a": 1}', "00", "machine"]


def test_a_closed_host_still_tells_what_was_seen(start: Start) -> None:
    host = start(plugin({"delete": [say(b"bye")]}))

    host.close()
    host.close()

    assert texts(host) == ["bye"]
    assert host.memory == 8 * 65536
    assert host.fuel > 0


def test_a_closed_host_takes_no_request(start: Start) -> None:
    host = start(plugin())

    host.close()

    with pytest.raises(RuntimeError, match="closed"):
        host.http(messages.request("/"))


def test_ten_lines_are_enough() -> None:
    with Host.start(plugin({"configure": [say(b"ready")]})) as host:
        assert host.http(messages.request("/")).client_complete
        assert texts(host) == ["ready"]
