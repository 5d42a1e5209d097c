import struct

import pytest

from wasmctl.host.values import (
    NULL,
    MessageValue,
    NotSerialisableError,
    Value,
    Whole,
    member,
    serialised,
)

_WRITTEN: dict[str, tuple[Value, bytes]] = {
    "text": (b"a", b"a"),
    "number": (-1, b"\xff" * 8),
    "truth": (True, b"\1"),
    "double": (1.5, struct.pack("<d", 1.5)),
    "message": (MessageValue(fields={}, content=b"c"), b"c"),
    "list": ((b"a", 1), b"\2\0\0\0\1\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\0a\0\0\1\0\0\0\0\0\0\0\0\0"),
    "map": ({b"k": b"v"}, b"\1\0\0\0\1\0\0\0\1\0\0\0k\0v\0"),
    "empty map": ({}, b"\0\0\0\0"),
}


@pytest.mark.parametrize("name", _WRITTEN)
def test_a_value_has_its_bytes(name: str) -> None:
    value, content = _WRITTEN[name]

    assert serialised(value) == content


@pytest.mark.parametrize(
    "value",
    [NULL, Whole(part=lambda _: None, names=tuple), {b"k": NULL}, (NULL,)],
    ids=["null", "whole", "map", "list"],
)
def test_null_has_no_bytes_and_so_has_what_holds_it(value: Value) -> None:
    with pytest.raises(NotSerialisableError):
        serialised(value)


_MEMBERS: dict[str, tuple[Value, bytes, Value | None]] = {
    "of a map": ({b"k": b"v"}, b"k", b"v"),
    "not of a map": ({}, b"k", None),
    "of a list": ((b"a", b"b"), b"1", b"b"),
    "beyond a list": ((b"a",), b"1", None),
    "no index": ((b"a",), b"x", None),
    "of a message": (MessageValue(fields={b"k": b"v"}, content=b""), b"k", b"v"),
    "of a whole": (Whole(part=lambda name: name + b"!", names=tuple), b"k", b"k!"),
    "of a text": (b"text", b"0", None),
}


@pytest.mark.parametrize("name", _MEMBERS)
def test_a_value_has_its_members(name: str) -> None:
    value, part, found = _MEMBERS[name]

    assert member(value, part) == found
