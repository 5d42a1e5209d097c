"""Metadata and nodes; the bytes are those that Envoy 1.40 wrote, entries in the order given."""

import struct

from wasmctl.host.metadata import Plain, metadata, node
from wasmctl.host.values import NULL, MessageValue, Value, member


def entry(name: bytes, content: bytes) -> bytes:
    written = b"\n" + bytes([len(name)]) + name + b"\x12" + bytes([len(content)]) + content
    return b"\n" + bytes([len(written)]) + written


def at(value: Value, *path: bytes) -> Value | None:
    found: Value | None = value
    for name in path:
        found = member(found, name) if found is not None else None
    return found


def test_a_namespace_holds_whatever_json_can_say() -> None:
    found = metadata({"ns": {"s": "str", "n": 1, "b": True, "z": None, "l": [1, "a"], "m": {}}})

    namespace = at(found, b"filter_metadata", b"ns")

    assert namespace == {
        b"s": b"str",
        b"n": 1.0,
        b"b": True,
        b"z": NULL,
        b"l": (1.0, b"a"),
        b"m": {},
    }
    assert at(found, b"typed_filter_metadata") == {}


def test_metadata_are_written_as_their_message() -> None:
    one = struct.pack("<d", 1)
    values = {
        "n": b"\x11" + one,
        "s": b"\x1a\3str",
        "m": b"*\x0a" + entry(b"k", b"\x1a\1v"),
        "b": b" \1",
        "nul": b"\x08\0",
        "l": b"2\x10\n\x09\x11" + one + b"\n\3\x1a\1a",
    }
    given: dict[str, Plain] = {
        "n": 1,
        "s": "str",
        "m": {"k": "v"},
        "b": True,
        "nul": None,
        "l": [1, "a"],
    }

    written = b"".join(entry(name.encode(), value) for name, value in values.items())

    assert metadata({"ns": given}).content == entry(b"ns", written)
    assert metadata({}).content == b""


def test_a_node_is_the_hosts_own_but_for_what_is_given() -> None:
    own = node({})
    given = node({"id": "nid", "metadata": {"s": "v"}, "locality": {"region": "r", "zone": "z"}})

    assert own.content == b"\n\7wasmctl\x12\7wasmctl2\5envoy"
    assert given.content == (
        b'\n\3nid\x12\7wasmctl\x1a\n\n\x08\n\1s\x12\3\x1a\1v"\6\n\1r\x12\1z2\5envoy'
    )
    assert at(given, b"locality", b"zone") == b"z"
    assert isinstance(at(given, b"locality"), MessageValue)
