"""Values of properties and expressions, and the bytes in which a plugin gets them.

They are those of the Common Expression Language, in which Envoy keeps its attributes. Source:
Envoy source/extensions/common/wasm/context.cc (``serializeValue``, ``getProperty``): numbers and
times take eight bytes, little-endian, a truth value one; a map is serialised pairs, whose values
are serialised in turn; a list is pairs, too, with its elements as the names.
"""

import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Union

from wasmctl.abi.wire import encode_pairs

_U64 = 1 << 64


class NotSerialisableError(Exception):
    """A value that has no bytes: null, or a whole of which only the parts have."""


class Octets(bytes):
    """Bytes that are no text, which expressions tell apart."""

    __slots__ = ()


class Unsigned(int):
    """A number that is never negative."""


class Timestamp(int):
    """Nanoseconds since 1970."""


class Duration(int):
    """Nanoseconds."""


class Null:
    """The value null of a metadata field."""


@dataclass(frozen=True, kw_only=True)
class Whole:
    """What only has parts, like the family ``request``, or all filter state.

    Attributes:
        part: returns the part of a name, or None.
        names: returns the names that may have a part.

    """

    part: "Callable[[bytes], Value | None]"
    names: "Callable[[], Iterable[bytes]]"


@dataclass(frozen=True, kw_only=True)
class MessageValue:
    """A Protobuf message.

    Attributes:
        fields: by their names.
        content: as it is written.

    """

    fields: "Mapping[bytes, Value]"
    content: bytes


NULL = Null()

Value = Union[bytes, float, Null, Whole, MessageValue, "tuple[Value, ...]", "Mapping[bytes, Value]"]
"""bytes are a text; a bool and an int are told apart from a float by their class."""


def member(value: Value, name: bytes) -> Value | None:
    """Return a part of a value, by a name or an index; None where it has no such part."""
    if isinstance(value, Whole):
        return value.part(name)
    if isinstance(value, MessageValue):
        return value.fields.get(name)
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, tuple) and name.isdigit():
        index = int(name)
        return value[index] if index < len(value) else None
    return None


def serialised(value: Value) -> bytes:
    """Return a value's bytes; raises NotSerialisableError."""
    match value:
        case bytes():
            return value
        case int() | float():
            return _number(value)
        case MessageValue():
            return value.content
        case tuple():
            return encode_pairs(tuple((serialised(element), b"") for element in value))
        case Mapping():
            return encode_pairs(tuple((key, serialised(part)) for key, part in value.items()))
        case _:
            raise NotSerialisableError


def _number(value: float) -> bytes:
    if isinstance(value, bool):
        return bytes([value])
    if isinstance(value, int):
        return (value % _U64).to_bytes(8, "little")
    return struct.pack("<d", value)
