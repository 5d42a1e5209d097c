import pytest

from wasmctl.abi.types import Status
from wasmctl.host.filter_state import (
    UNDECLARED,
    Declaration,
    FilterState,
    LifeSpan,
    PropertyType,
    StateObject,
)
from wasmctl.host.hostcall import HostcallError
from wasmctl.host.values import Octets


def value(state: FilterState, key: bytes) -> object:
    found = state.get(key)
    return found.value if found is not None else None


def test_what_lives_as_long_as_the_connection_is_there_for_its_next_stream() -> None:
    connection: dict[bytes, StateObject] = {}
    first, second = FilterState(connection, {}), FilterState(connection, {})
    long = Declaration(span=LifeSpan.DOWNSTREAM_CONNECTION)

    first.set_property(b"long", b"1", long)
    first.set_property(b"short", b"2", UNDECLARED)

    assert [value(first, b"wasm.long"), value(first, b"wasm.short")] == [b"1", b"2"]
    assert [value(second, b"wasm.long"), value(second, b"wasm.short")] == [b"1", None]
    assert second.keys == (b"wasm.long",)


def test_what_was_given_is_there_at_once_and_stays_of_its_stream() -> None:
    given = {b"x": StateObject(value=b"given")}
    state = FilterState({}, given)

    state.put(b"x", StateObject(value=b"new"), LifeSpan.FILTER_CHAIN)

    assert value(state, b"x") == b"new"
    assert value(FilterState({}, given), b"x") == b"given"


def test_a_declaration_counts_from_the_first_time_on() -> None:
    state = FilterState({}, {})
    state.set_property(b"p", b"1", Declaration(is_read_only=True))

    with pytest.raises(HostcallError, match="the property b'p' is read-only") as caught:
        state.set_property(b"p", b"2", UNDECLARED)

    assert caught.value.status is Status.BAD_ARGUMENT
    assert value(state, b"wasm.p") == b"1"


def test_a_text_is_told_from_bytes() -> None:
    state = FilterState({}, {})

    state.set_property(b"text", b"1", Declaration(kind=PropertyType.STRING))
    state.set_property(b"bytes", b"1", UNDECLARED)

    assert not isinstance(value(state, b"wasm.text"), Octets)
    assert isinstance(value(state, b"wasm.bytes"), Octets)
