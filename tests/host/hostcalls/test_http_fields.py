"""Header hostcalls: which map is there in which phase, and what each answers."""

import pytest

from tests.host.conftest import Start
from tests.host.plugins import OUT, VALUE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages
from wasmctl.abi.types import AbiVersion
from wasmctl.abi.wire import decode_pairs

REQUEST_HEADERS, REQUEST_TRAILERS, RESPONSE_HEADERS, RESPONSE_TRAILERS = range(4)
FULL = messages.request("/", chunks=(b"a",), trailers=((b"t", b"1"),))
REPLY = messages.response(chunks=(b"b",), trailers=((b"t", b"2"),))

# The statuses of a read and of a write, by phase and map.
_AVAILABLE = {
    "request_headers": {0: ("01", "00"), 1: ("02", "02"), 2: ("02", "02"), 3: ("02", "02")},
    "request_body": {0: ("02", "02"), 1: ("02", "02"), 2: ("02", "02"), 3: ("02", "02")},
    "request_trailers": {0: ("02", "02"), 1: ("01", "00"), 2: ("02", "02"), 3: ("02", "02")},
    "response_headers": {0: ("02", "02"), 1: ("02", "02"), 2: ("01", "00"), 3: ("02", "02")},
    "response_body": {0: ("02", "02"), 1: ("02", "02"), 2: ("02", "02"), 3: ("02", "02")},
    "response_trailers": {0: ("02", "02"), 1: ("02", "02"), 2: ("02", "02"), 3: ("01", "00")},
    "log": {0: ("01", "02"), 1: ("01", "02"), 2: ("01", "02"), 3: ("01", "02")},
    "done": {0: ("02", "02"), 1: ("02", "02"), 2: ("02", "02"), 3: ("02", "02")},
    "configure": {0: ("02", "02"), 1: ("02", "02"), 2: ("02", "02"), 3: ("02", "02")},
}


@pytest.mark.parametrize("phase", _AVAILABLE)
def test_maps_are_there_in_their_phases(start: Start, phase: str) -> None:
    calls: list[Statement] = [
        call
        for kind in range(4)
        for call in (
            ("?proxy_get_header_map_value", kind, b"absent", *OUT),
            ("?proxy_remove_header_map_value", kind, b"absent"),
        )
    ]
    host = start(plugin({phase: calls}))

    host.http(FULL, REPLY)

    expected = [status for pair in _AVAILABLE[phase].values() for status in pair]
    assert texts(host)[:8] == expected


@pytest.mark.parametrize("kind", range(4, 8))
def test_maps_of_callouts_are_never_there_yet(start: Start, kind: int) -> None:
    calls: list[Statement] = [
        ("?proxy_get_header_map_value", kind, b"a", *OUT),
        ("?proxy_add_header_map_value", kind, b"a", b"b"),
        ("?proxy_get_header_map_size", kind, 16),
        ("?proxy_get_header_map_pairs", kind, *OUT),
    ]
    host = start(plugin({"request_headers": calls}))

    host.http(FULL)

    assert texts(host) == ["02", "02", "02", "00"]


def test_an_unknown_map_is_a_bad_argument(start: Start) -> None:
    calls: list[Statement] = [("?proxy_get_header_map_pairs", 8, *OUT)]
    host = start(plugin({"request_headers": calls}))

    host.http(FULL)

    assert texts(host) == ["02"]


def test_a_value_is_the_first_in_any_case(start: Start) -> None:
    calls: list[Statement] = [("?proxy_get_header_map_value", 0, b"X-A", *OUT), VALUE]
    host = start(plugin({"request_headers": calls}))

    host.http(messages.request("/", headers=((b"x-a", b"1"), (b"x-a", b"2"))))

    assert texts(host) == ["00", "1"]


def test_what_a_failed_read_points_to_stays(start: Start) -> None:
    keep = "(i64.store (i32.const 16) (i64.const 0x0000000200000400))"
    calls: list[Statement] = [keep, ("?proxy_get_header_map_value", 0, b"absent", *OUT), VALUE]
    host = start(plugin({"request_headers": calls}))

    host.http(FULL)

    assert texts(host) == ["01", "ab"]


def test_an_empty_value_is_no_pointer(start: Start) -> None:
    tell = "(call $tell (i32.load (i32.const 16))) (call $tell (i32.load (i32.const 20)))"
    calls: list[Statement] = [("?proxy_get_header_map_value", 0, b"x-empty", *OUT), tell]
    host = start(plugin({"request_headers": calls}))

    host.http(messages.request("/", headers=((b"x-empty", b""),)))

    assert texts(host) == ["00", "00", "00"]


def test_the_first_abi_reads_an_absent_header_as_empty(start: Start) -> None:
    calls: list[Statement] = [("?proxy_get_header_map_value", 0, b"absent", *OUT), VALUE]
    host = start(plugin({"request_headers": calls, "log": calls}, abi=AbiVersion.V0_1_0))

    host.http(FULL)

    assert texts(host) == ["00", "", "00", ""]


def test_pairs_are_all_entries_in_order(start: Start) -> None:
    calls: list[Statement] = [("?proxy_get_header_map_pairs", 2, *OUT), VALUE]
    host = start(plugin({"response_headers": calls}))

    host.http(FULL, messages.response(headers=((b"x-a", b"1"), (b"x-a", b""))))

    status, pairs = texts(host)
    assert status == "00"
    assert decode_pairs(pairs.encode()) == ((b":status", b"200"), (b"x-a", b"1"), (b"x-a", b""))


def test_pairs_that_are_set_replace_all(start: Start) -> None:
    pairs = b"\2\0\0\0\3\0\0\0\1\0\0\0\7\0\0\0\3\0\0\0X-A\0b\0:status\x00201\0"
    host = start(plugin({"response_headers": [("?proxy_set_header_map_pairs", 2, pairs)]}))

    exchange = host.http(FULL)

    assert exchange.client
    assert exchange.client.headers[:2] == ((b":status", b"201"), (b"x-a", b"b"))


@pytest.mark.parametrize("pairs", [b"", b"\0", b"\1\0\0\0", b"\0\0\0\0x"])
def test_pairs_that_cannot_be_parsed_delete_everything(start: Start, pairs: bytes) -> None:
    host = start(plugin({"request_headers": [("?proxy_set_header_map_pairs", 0, pairs)]}))

    exchange = host.http(FULL)

    assert texts(host) == ["00"]
    assert exchange.client
    assert exchange.client.status == 404


def test_the_size_is_that_of_names_and_values(start: Start) -> None:
    tell = "(call $tell (i32.load (i32.const 16)))"
    calls: list[Statement] = [("?proxy_get_header_map_size", 2, 16), tell]
    host = start(plugin({"response_headers": calls}))

    host.http(FULL, messages.response(headers=((b"x-a", b"12"),)))

    assert texts(host) == ["00", "15"]


def test_headers_that_no_upstream_may_get_are_taken(start: Start) -> None:
    calls: list[Statement] = [
        ("?proxy_add_header_map_value", 0, b"", b"v"),
        ("?proxy_add_header_map_value", 0, b"bad name", b"a\r\nb"),
    ]
    host = start(plugin({"request_headers": calls}))

    host.http(FULL)

    assert texts(host) == ["00", "00"]


def test_another_streams_headers_are_out_of_reach(start: Start) -> None:
    calls: list[Statement] = [
        ("?proxy_set_effective_context", 1),
        ("?proxy_get_header_map_value", 0, b":path", *OUT),
        ("?proxy_set_effective_context", 0),
        ("?proxy_get_header_map_value", 0, b":path", *OUT),
        ("?proxy_set_effective_context", 99),
    ]
    host = start(plugin({"request_headers": calls}))

    host.http(FULL)

    assert texts(host) == ["00", "02", "00", "00", "02"]


def test_the_effective_context_ends_with_the_callback(start: Start) -> None:
    calls: list[Statement] = [("?proxy_set_effective_context", 1)]
    reads: list[Statement] = [("?proxy_get_header_map_value", 2, b":status", *OUT), VALUE]
    host = start(plugin({"request_headers": calls, "response_headers": reads}))

    host.http(FULL)

    assert texts(host) == ["00", "00", "200"]
