"""Plugins that fail: each fault ends in a named value, and the host goes on."""

import pytest

from tests.host.conftest import Start
from tests.host.plugins import FOREVER, OUT, UNREACHABLE, VALUE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages
from wasmctl.host import Exchange, Host, Limits, LoadError
from wasmctl.records import Trap, TrapKind

FAR = 8 * 65536  # the first address behind the memory


def request(host: Host) -> Exchange:
    return host.http(messages.request("/"))


def trap_of(host: Host) -> Trap:
    exchange = request(host)
    assert exchange.trap
    return exchange.trap


def test_a_trap_is_answered_with_503_and_fails_the_plugin_for_good(start: Start) -> None:
    host = start(plugin({"request_headers": [UNREACHABLE], "log": [("proxy_log", 2, b"log")]}))

    first, second = request(host), request(host)

    for exchange in (first, second):
        assert exchange.client
        assert exchange.client.status == 503
        assert exchange.client.body == b""
        assert exchange.details == "wasm_fail_stream"
        assert exchange.upstream is None
    assert first.trap
    assert second.trap is None
    assert host.trap == first.trap
    assert texts(host) == []


def test_a_trap_names_its_callback_and_frames(start: Start) -> None:
    deep = "(func $deep (unreachable)) (func $middle (call $deep))"
    host = start(plugin({"request_headers": ["(call $middle)"]}, extra=deep))

    trap = trap_of(host)

    assert trap.kind is TrapKind.UNREACHABLE
    assert trap.callback == "proxy_on_request_headers"
    assert trap.backtrace[:2] == ("deep", "middle")
    assert trap.message == "wasm trap: wasm `unreachable` instruction executed"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("(drop (i32.load (i32.const -4)))", TrapKind.OUT_OF_BOUNDS),
        ("(drop (i32.div_s (i32.const 1) (i32.const 0)))", TrapKind.DIVIDE_BY_ZERO),
        ("(call_indirect (type $none) (i32.const 0))", TrapKind.INDIRECT_CALL),
        ("(call_indirect (type $none) (i32.const 9))", TrapKind.INDIRECT_CALL),
        ("(call_indirect (type $none) (i32.const 1))", TrapKind.INDIRECT_CALL),
        ("(call $recurse)", TrapKind.STACK_OVERFLOW),
        ("(drop (i32.trunc_f32_s (f32.const nan)))", TrapKind.OTHER),
    ],
)
def test_traps_have_names_of_their_own(start: Start, code: str, kind: TrapKind) -> None:
    extra = """(type $none (func)) (table 2 funcref) (elem (i32.const 1) $takes)
        (func $takes (param i64)) (func $recurse (call $recurse))"""
    host = start(plugin({"request_headers": [code]}, extra=extra))

    assert trap_of(host).kind is kind


def test_an_endless_loop_meets_the_fuel_limit(start: Start) -> None:
    host = start(plugin({"request_headers": [FOREVER]}), limits=Limits(fuel=100_000))

    assert trap_of(host).kind is TrapKind.FUEL_LIMIT


def test_an_endless_loop_meets_the_time_limit(start: Start) -> None:
    host = start(plugin({"request_headers": [FOREVER]}), limits=Limits(fuel=10**15, seconds=0.05))

    assert trap_of(host).kind is TrapKind.TIME_LIMIT


def test_an_endless_loop_of_hostcalls_meets_the_time_limit(start: Start) -> None:
    forever = "(loop $again (drop (call $proxy_done)) (br $again))"
    host = start(plugin({"request_headers": [forever]}), limits=Limits(seconds=0.05))

    assert trap_of(host).kind is TrapKind.TIME_LIMIT


def test_an_endless_start_is_a_refusal(start: Start) -> None:
    with pytest.raises(LoadError) as refused:
        start(plugin({"configure": [FOREVER]}), limits=Limits(fuel=100_000))

    assert refused.value.trap
    assert refused.value.trap.kind is TrapKind.FUEL_LIMIT


def test_the_time_limit_is_met_again_by_the_next_host(start: Start) -> None:
    for _ in range(2):
        host = start(plugin({"request_headers": [FOREVER]}), limits=Limits(seconds=0.05))

        assert trap_of(host).kind is TrapKind.TIME_LIMIT


def test_a_plugin_that_runs_out_of_memory_is_named(start: Start) -> None:
    grow = """(loop $again (br_if $again
        (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (unreachable)"""
    host = start(plugin({"request_headers": [grow]}), limits=Limits(memory=1 << 24))

    assert trap_of(host).kind is TrapKind.MEMORY_LIMIT
    assert host.memory <= 1 << 24


def test_too_much_memory_at_the_start_is_a_refusal(start: Start) -> None:
    with pytest.raises(LoadError, match="Failed to create new Wasm instance"):
        start(plugin(memory='(memory (export "memory") 20000)'))


@pytest.mark.parametrize(
    "call",
    [
        ("?proxy_log", 2, FAR - 1, 2),
        ("?proxy_log", 2, -1, 1),
        ("?proxy_log", 2, -1, -1),
        ("?proxy_get_header_map_value", 0, FAR, 1, *OUT),
        ("?proxy_get_header_map_value", 0, b":path", FAR - 3, 20),
        ("?proxy_get_header_map_value", 0, b":path", 16, FAR),
        ("?proxy_get_header_map_size", 0, FAR - 3),
        ("?proxy_get_current_time_nanoseconds", FAR - 7),
        ("?proxy_set_header_map_pairs", 0, 0, FAR + 1),
        ("?proxy_get_property", b"request\0path", FAR, FAR),
    ],
)
def test_a_bad_pointer_is_a_status(start: Start, call: tuple[str | int | bytes, ...]) -> None:
    host = start(plugin({"request_headers": [call]}))

    exchange = request(host)

    assert texts(host) == ["06"]
    assert exchange.trap is None


def test_no_bytes_at_the_end_of_memory_are_no_bad_pointer(start: Start) -> None:
    host = start(plugin({"configure": [("?proxy_log", 2, FAR, 0)]}))

    assert texts(host) == ["", "00"]


def test_a_bad_enumeration_comes_before_a_bad_pointer(start: Start) -> None:
    host = start(plugin({"configure": [("?proxy_log", 6, -1, -1)]}))

    assert texts(host) == ["02"]


def test_memory_that_grew_is_read(start: Start) -> None:
    grow = "(drop (memory.grow (i32.const 1))) (i32.store8 (i32.const 524288) (i32.const 33))"
    host = start(plugin({"configure": [grow, ("?proxy_log", 2, FAR, 1)]}))

    assert texts(host) == ["!", "00"]


def test_an_allocator_that_grows_the_memory_is_followed(start: Start) -> None:
    allocator = """(func (export "malloc") (param i32) (result i32)
        (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))"""
    read: list[Statement] = [("?proxy_get_buffer_bytes", 7, 0, 9, *OUT), VALUE]
    host = start(plugin({"configure": read}, allocator=allocator), configuration=b"text")

    assert texts(host) == ["00", "text"]


@pytest.mark.parametrize("address", [0, FAR, -8])
def test_an_allocator_that_fails_is_a_status(start: Start, address: int) -> None:
    allocator = f"""(func (export "malloc") (param i32) (result i32) (i32.const {address}))"""
    read = [("?proxy_get_buffer_bytes", 7, 0, 9, *OUT)]
    host = start(plugin({"configure": read}, allocator=allocator), configuration=b"text")

    assert texts(host) == ["06"]


def test_an_allocator_is_not_asked_for_nothing(start: Start) -> None:
    allocator = """(func (export "malloc") (param i32) (result i32) (unreachable))"""
    read = [("?proxy_get_buffer_bytes", 7, 0, 9, *OUT)]
    host = start(plugin({"configure": read}, allocator=allocator))

    assert texts(host) == ["00"]


def test_a_trap_in_the_allocator_ends_the_plugin(start: Start) -> None:
    allocator = """(func $malloc (export "malloc") (param i32) (result i32) (unreachable))"""
    read = [("proxy_get_header_map_value", 0, b":path", *OUT)]
    host = start(plugin({"request_headers": read}, allocator=allocator))

    trap = trap_of(host)

    assert trap.callback == "malloc"
    assert trap.backtrace[0] == "malloc"


def test_behind_its_allocators_trap_the_plugin_goes_on_until_it_returns(start: Start) -> None:
    allocator = """(func (export "malloc") (param i32) (result i32) (unreachable))"""
    read: list[Statement] = [("?proxy_get_buffer_bytes", 7, 0, 9, *OUT)]
    host = start(plugin({"configure": read}, allocator=allocator), configuration=b"text")

    exchange = request(host)

    assert texts(host) == ["06"]
    assert exchange.client
    assert exchange.client.status == 503


def test_an_allocator_that_never_ends_is_ended(start: Start) -> None:
    allocator = """(func (export "malloc") (param i32) (result i32) (loop $again (br $again))
        (unreachable))"""
    read: list[Statement] = [("?proxy_get_header_map_value", 0, b":path", *OUT)]
    host = start(
        plugin({"request_headers": read}, allocator=allocator), limits=Limits(fuel=100_000)
    )

    assert trap_of(host).kind is TrapKind.FUEL_LIMIT
    assert texts(host) == []


def test_an_allocator_may_log_and_no_more(start: Start) -> None:
    allocator = """(func (export "malloc") (param i32) (result i32)
        (drop (call $proxy_log (i32.const 2) (i32.const 0) (i32.const 0)))
        (drop (call $proxy_done)) (i32.const 4096))"""
    read: list[Statement] = [("?proxy_get_buffer_bytes", 7, 0, 9, *OUT)]
    host = start(plugin({"configure": read}, allocator=allocator), configuration=b"text")

    assert texts(host) == ["", "06"]
    assert host.trap
    assert host.trap.kind is TrapKind.RESTRICTED_CALLBACK


def test_initialising_may_log_and_not_ask_the_proxy(start: Start) -> None:
    calls = [("proxy_log", 2, b"hello"), ("proxy_done",)]

    with pytest.raises(LoadError) as refused:
        start(plugin({"_initialize": calls}))

    assert refused.value.message == "Failed to initialize Wasm code"
    assert [line.text for line in refused.value.logs] == ["hello"]
    assert refused.value.trap
    assert refused.value.trap.kind is TrapKind.RESTRICTED_CALLBACK
    assert "proxy_done" in refused.value.trap.message


def test_a_start_section_that_traps_is_a_refusal(start: Start) -> None:
    with pytest.raises(LoadError) as refused:
        start(plugin(extra="(func $begin (unreachable)) (start $begin)"))

    assert refused.value.message == "Failed to create new Wasm instance"
    assert refused.value.trap
    assert refused.value.trap.kind is TrapKind.UNREACHABLE


def test_a_trap_in_the_log_leaves_the_response_alone(start: Start) -> None:
    host = start(plugin({"log": [UNREACHABLE]}))

    exchange = request(host)

    assert exchange.client
    assert exchange.client.status == 200
    assert exchange.trap
    assert exchange.trap.callback == "proxy_on_log"


def test_a_trap_at_the_end_does_not_escape(start: Start) -> None:
    host = start(plugin({"done": [UNREACHABLE]}))

    host.close()

    assert host.trap


def test_a_trap_behind_the_headers_cuts_the_response(start: Start) -> None:
    host = start(plugin({"response_body": [UNREACHABLE]}))

    exchange = host.http(messages.request("/"), messages.response(200, chunks=(b"body",)))

    assert exchange.client
    assert (exchange.client.status, exchange.client.body) == (200, b"")
    assert not exchange.client_complete
