"""Foreign functions: statuses and results, as Envoy 1.40 gave them."""

import zlib

import pytest

from tests.host.conftest import Start
from tests.host.plugins import OUT, VALUE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages
from wasmctl.host import protobuf
from wasmctl.host.filter_state import LifeSpan, PropertyType

CLEAR = "(i64.store (i32.const 16) (i64.const 0))"
REQUEST = messages.request("/")
RESULTS = ["(call $tell (i32.load (i32.const 16)))", "(call $tell (i32.load (i32.const 20)))"]


def call(name: bytes, argument: bytes = b"") -> list[Statement]:
    return [CLEAR, ("?proxy_call_foreign_function", name, argument, *OUT), VALUE]


def told(start: Start, *calls: Statement, callback: str = "request_headers") -> list[str]:
    host = start(plugin({callback: calls}))
    host.http(REQUEST)
    return texts(host)


def test_what_is_compressed_is_zlibs(start: Start) -> None:
    calls: list[Statement] = [
        *call(b"compress", b"hello" * 5),
        *call(b"uncompress", zlib.compress(b"hi")),
    ]

    compressed = zlib.compress(b"hello" * 5).decode(errors="replace")
    assert told(start, *calls) == ["00", compressed, "00", "hi"]


@pytest.mark.parametrize("content", [b"garbage", zlib.compress(b"hello" * 100)[:-4], b""])
def test_what_is_not_compressed_cannot_be_unpacked(start: Start, content: bytes) -> None:
    assert told(start, *call(b"uncompress", content)) == ["03", ""]


def test_what_follows_is_ignored(start: Start) -> None:
    assert told(start, *call(b"uncompress", zlib.compress(b"hi") + b"more")) == ["00", "hi"]


def test_more_than_a_plugin_could_hold_is_not_unpacked(start: Start) -> None:
    content = zlib.compress(bytes((1 << 26) + 1))

    assert told(start, *call(b"uncompress", content)) == ["03", ""]


@pytest.mark.parametrize("name", [b"nope", b""])
def test_an_unknown_function_leaves_its_results_alone(start: Start, name: bytes) -> None:
    ones = "(i64.store (i32.const 16) (i64.const 0x0000000100000001))"
    calls: list[Statement] = [ones, ("?proxy_call_foreign_function", name, b"", *OUT), *RESULTS]

    assert told(start, *calls) == ["01", "01", "01"]


def test_a_failure_writes_results_that_are_none(start: Start) -> None:
    ones = "(i64.store (i32.const 16) (i64.const 0x0000000100000001))"
    calls: list[Statement] = [
        ones,
        ("?proxy_call_foreign_function", b"uncompress", b"x", *OUT),
        *RESULTS,
    ]

    assert told(start, *calls) == ["03", "00", "00"]


def test_results_that_nobody_wants_are_not_written(start: Start) -> None:
    calls: list[Statement] = [CLEAR, ("?proxy_call_foreign_function", b"compress", b"x", 0, 20)]
    calls += RESULTS
    calls += [CLEAR, ("?proxy_call_foreign_function", b"compress", b"x", 16, 0), RESULTS[1]]

    assert told(start, *calls) == ["00", "00", "09", "00", "00"]


@pytest.mark.parametrize("addresses", [(-1, 20), (16, -1)])
def test_results_need_memory(start: Start, addresses: tuple[int, int]) -> None:
    calls: list[Statement] = [("?proxy_call_foreign_function", b"compress", b"x", *addresses)]

    assert told(start, *calls) == ["06"]


def test_even_an_empty_result_is_placed(start: Start) -> None:
    """Envoy asks the plugin's allocator for 0 bytes then."""
    calls = [
        *call(b"uncompress", zlib.compress(b"")),
        "(call $tell (i32.shr_u (i32.load (i32.const 16)) (i32.const 16)))",
    ]

    assert told(start, *calls) == ["00", "", "02"]


def state(key: bytes, value: bytes, span: int = 0) -> bytes:
    return protobuf.text(1, key) + protobuf.text(2, value) + protobuf.number(3, span)


_STATES: dict[tuple[bytes, bytes], list[str]] = {
    (b"envoy.string", b"abc"): ["00", "00", "abc"],
    (b"envoy.string", b""): ["00", "00", ""],
    (b"envoy.tcp_proxy.cluster", b"c"): ["00", "00", "c"],
    (b"envoy.network.upstream_server_name", b"a.test"): ["00", "00", "a.test"],
    (b"envoy.network.application_protocols", b"h2"): ["00", "01", ""],
    (b"envoy.network.ip", b"1.2.3.4"): ["00", "00", "1.2.3.4:0"],
    (b"envoy.network.ip", b"::1"): ["00", "00", "[::1]:0"],
    (b"envoy.network.ip", b"1.2.3.4:80"): ["02", "01", ""],
    (b"envoy.network.transport_socket.original_dst_address", b"127.0.0.1:80"): [
        *("00", "00", "\0\0\0\0"),
    ],
    (b"envoy.network.transport_socket.original_dst_address", b"127.0.0.1"): ["02", "01", ""],
    (b"envoy.network.transport_socket.http_11_proxy.info", b"a.test,1.2.3.4:80"): ["00", "01", ""],
    (b"envoy.network.transport_socket.http_11_proxy.info", b",1.2.3.4:80"): ["02", "01", ""],
    (b"envoy.ratelimit.hits_addend", b" +007"): ["00", "00", "7"],
    (b"envoy.ratelimit.hits_addend", b"-1"): ["02", "01", ""],
    (b"envoy.ratelimit.hits_addend", b"18446744073709551615"): ["02", "01", ""],
    (b"envoy.upstream.dynamic_port", b"70000"): ["00", "00", "70000"],
    (b"envoy.upstream.dynamic_port", b"4294967296"): ["02", "01", ""],
    (b"envoy.tcp_proxy.disable_tunneling", b"true"): ["00", "00", "true"],
    (b"envoy.tcp_proxy.disable_tunneling", b"True"): ["00", "00", "false"],
    (b"nope", b"v"): ["01", "01", ""],
}


@pytest.mark.parametrize(("key", "value"), _STATES)
def test_filter_state_is_made_from_a_text(start: Start, key: bytes, value: bytes) -> None:
    calls: list[Statement] = [
        ("?proxy_call_foreign_function", b"set_envoy_filter_state", state(key, value), 0, 0),
        *(CLEAR, ("?proxy_get_property", b"filter_state\0" + key, *OUT), VALUE),
    ]

    assert told(start, *calls) == _STATES[key, value]


@pytest.mark.parametrize("name", [b"set_envoy_filter_state", b"declare_property"])
def test_an_argument_that_is_no_message_is_bad(start: Start, name: bytes) -> None:
    assert told(start, *call(name, b"\xff")) == ["02", ""]


@pytest.mark.parametrize(("value", "status"), [(b"1.2.3.4", "01"), (b"nope", "02")])
def test_without_a_stream_there_is_no_filter_state(start: Start, value: bytes, status: str) -> None:
    calls = call(b"set_envoy_filter_state", state(b"envoy.network.ip", value))

    assert told(start, *calls, callback="configure") == [status, ""]


def test_the_route_cache_is_cleared(start: Start) -> None:
    assert told(start, *call(b"clear_route_cache")) == ["00", ""]


def declare(
    name: bytes, *, read_only: int = 0, kind: PropertyType = PropertyType.BYTES, span: int = 0
) -> Statement:
    argument = (
        protobuf.text(1, name)
        + protobuf.number(2, read_only)
        + protobuf.number(3, kind)
        + protobuf.number(5, span)
    )
    return ("?proxy_call_foreign_function", b"declare_property", argument, 0, 0)


def put(name: bytes, value: bytes) -> Statement:
    return ("?proxy_set_property", name, value)


def read(name: bytes) -> list[Statement]:
    return [CLEAR, ("?proxy_get_property", name, *OUT), VALUE]


def test_a_property_that_may_only_be_read_is_set_once(start: Start) -> None:
    calls = [put(b"p", b"1"), put(b"p", b"2"), *read(b"p")]
    host = start(plugin({"configure": [declare(b"p", read_only=1)], "request_headers": calls}))

    host.http(REQUEST)
    host.http(REQUEST)

    assert texts(host) == ["00", *["00", "02", "00", "1"] * 2]


def test_a_property_is_declared_once(start: Start) -> None:
    calls = [declare(b"p"), declare(b"p"), declare(b""), declare(b"")]

    assert told(start, *calls, callback="configure") == ["00", "02", "00", "02"]


def test_what_a_stream_declares_is_of_no_use_to_it(start: Start) -> None:
    calls = [declare(b"p", read_only=1), put(b"p", b"1"), put(b"p", b"2"), declare(b"p")]

    assert told(start, *calls) == ["00", "00", "00", "02"]


@pytest.mark.parametrize("kind", PropertyType)
def test_a_property_of_any_kind_reads_as_its_bytes(start: Start, kind: PropertyType) -> None:
    calls = [put(b"p", b"\n\1x"), *read(b"p")]
    host = start(plugin({"configure": [declare(b"p", kind=kind)], "request_headers": calls}))

    host.http(REQUEST)

    assert texts(host) == ["00", "00", "00", "\n\1x"]


@pytest.mark.parametrize("kind", [PropertyType.FLATBUFFERS, PropertyType.PROTOBUF])
def test_a_field_of_a_declared_message_is_still_to_come(start: Start, kind: PropertyType) -> None:
    calls = [put(b"p", b"\n\1x"), *read(b"p\0id")]
    host = start(plugin({"configure": [declare(b"p", kind=kind)], "request_headers": calls}))

    host.http(REQUEST)

    assert texts(host) == ["00", "00", "12", ""]
    assert host.unimplemented == ("the field id of a declared property",)


@pytest.mark.parametrize(
    ("span", "later"),
    [
        (LifeSpan.FILTER_CHAIN, ["01", ""]),
        (LifeSpan.DOWNSTREAM_REQUEST, ["01", ""]),
        (LifeSpan.DOWNSTREAM_CONNECTION, ["00", "v"]),
        (9, ["01", ""]),
    ],
)
def test_a_property_lives_as_long_as_was_declared(
    start: Start, span: int, later: list[str]
) -> None:
    calls = [*read(b"p"), put(b"p", b"v"), *read(b"p")]
    host = start(plugin({"configure": [declare(b"p", span=span)], "request_headers": calls}))

    host.http(REQUEST)
    host.http(REQUEST)
    host.http(REQUEST, source="10.0.0.1:1")

    first = ["01", "", "00", "00", "v"]
    assert texts(host) == ["00", *first, *later, "00", "00", "v", *first]


_HEARS = """(func (export "envoy_on_resolve_dns") (param i32 i32 i32)
    (call $tell (local.get 1)) (call $tell (local.get 2))
    (call $tell (call $proxy_get_buffer_bytes
      (i32.const 8) (i32.const 0) (i32.const 99) (i32.const 16) (i32.const 20)))
    (drop (call $proxy_log
      (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20)))))"""
_TOKEN = "(call $tell (i32.load (i32.const 24)))"

_LOOKUPS: dict[bytes, list[str]] = {
    b"127.0.0.1": ["02", "20", "00", "\1\0\0\0\0\0\0\x00127.0.0.1:0\0", "00", "02"],
    b"localhost": ["02", "16", "00", "\1\0\0\0\0\0\0\0[::1]:0\0", "00", "02"],
    b"a.test": ["00", "02", "02", "19", "00", "\1\0\0\0\0\0\0\x0010.0.0.1:0\0"],
    b"nope.test": ["00", "02", "02", "04", "00", "\0\0\0\0"],
    b"": ["00", "02", "02", "04", "00", "\0\0\0\0"],
}


@pytest.mark.parametrize("name", _LOOKUPS)
def test_a_name_is_looked_up(start: Start, name: bytes) -> None:
    """What is an address already is told before the hostcall returns."""
    made = plugin({"request_headers": [("?envoy_resolve_dns", name, 24), _TOKEN]}, extra=_HEARS)
    host = start(made, names={"a.test": ["10.0.0.1"]})

    host.http(REQUEST)

    assert texts(host) == _LOOKUPS[name]


def test_a_lookup_within_the_answer_to_one_is_answered_later(start: Start) -> None:
    again = """(func (export "envoy_on_resolve_dns") (param i32 i32 i32)
        (call $tell (local.get 1))
        (if (i32.lt_u (local.get 1) (i32.const 5)) (then
          (call $tell (call $envoy_resolve_dns
            (i32.const 1024) (i32.const 9) (i32.const 24))))))"""
    made = plugin({"request_headers": [("?envoy_resolve_dns", b"127.0.0.1", 24)]}, extra=again)
    host = start(made)

    host.http(REQUEST)

    assert texts(host) == ["02", "00", "00", "03", "00", "04", "00", "05"]
