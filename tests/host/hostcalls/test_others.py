"""The smaller sections: log level, clock, status, what the first ABI had, what links and waits."""

import struct

import pytest

from tests.host.conftest import Start
from tests.host.plugins import OUT, VALUE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages
from wasmctl.abi.hostcalls import HOSTCALLS
from wasmctl.abi.types import AbiVersion, LogLevel, WasmType

_TO_COME = ("proxy_grpc_call", "proxy_grpc_stream")


@pytest.mark.parametrize("name", _TO_COME)
def test_what_is_still_to_come_links_and_is_named(start: Start, name: str) -> None:
    kinds = HOSTCALLS[AbiVersion.V0_2_1][name].parameters
    assert set(kinds) == {WasmType.I32}
    host = start(plugin({"configure": [(f"?{name}", *(0,) * len(kinds))]}))

    assert texts(host) == ["12"]
    assert host.unimplemented == (name,)


@pytest.mark.parametrize("level", [LogLevel.TRACE, LogLevel.WARN])
def test_the_log_level_is_the_hosts(start: Start, level: LogLevel) -> None:
    log = "(drop (call $proxy_log (i32.const 5) (i32.const 16) (i32.const 1)))"
    host = start(plugin({"configure": [("proxy_get_log_level", 16), log]}), log_level=level)

    assert texts(host) == [chr(level)]


def test_the_time_is_the_clocks(start: Start) -> None:
    log = "(drop (call $proxy_log (i32.const 2) (i32.const 16) (i32.const 8)))"
    calls: list[Statement] = [("proxy_get_current_time_nanoseconds", 16), log]
    host = start(plugin({"request_headers": calls}))

    host.clock.advance(1)
    host.http(messages.request("/"))

    expected = struct.pack("<Q", 1767225600 * 10**9 + 1)
    assert texts(host) == [expected.decode(errors="replace")]


def test_no_callout_has_a_status_yet(start: Start) -> None:
    host = start(plugin({"configure": [("?proxy_get_status", 12, *OUT), VALUE]}))

    assert texts(host) == ["00", ""]


@pytest.mark.parametrize("callback", ["configure", "request_headers", "done"])
def test_being_done_is_not_found_where_nobody_waits(start: Start, callback: str) -> None:
    host = start(plugin({callback: [("?proxy_done",)]}))

    host.http(messages.request("/"))
    host.close()

    assert set(texts(host)) == {"01"}


def test_the_first_abi_reads_its_configuration(start: Start) -> None:
    read: list[Statement] = [("?proxy_get_configuration", *OUT), VALUE]
    made = plugin({"vm_start": read, "configure": read}, abi=AbiVersion.V0_1_0)
    host = start(made, configuration=b"plugin", vm_configuration=b"machine")

    assert texts(host) == ["00", "machine", "00", "plugin"]


def test_the_first_abi_continues(start: Start) -> None:
    calls: list[Statement] = [("?proxy_continue_request",), ("?proxy_clear_route_cache",)]
    made = plugin({"request_headers": calls}, abi=AbiVersion.V0_1_0, returns={"request_headers": 1})
    host = start(made)

    assert host.http(messages.request("/")).client_complete
    assert texts(host) == ["00", "00"]


def test_what_emscripten_wants_is_there(start: Start) -> None:
    calls: list[Statement] = [
        "(call $emscripten_notify_memory_growth (i32.const 0))",
        ("?pthread_equal", 7, 7),
        ("?pthread_equal", 7, 8),
    ]
    host = start(plugin({"configure": calls}))

    assert texts(host) == ["01", "00"]
