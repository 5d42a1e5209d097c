"""Protobuf's wire format, as far as the messages go that plugins and Envoy exchange here.

They are few, small and flat, so they are written and read by hand. Source: the encoding guide of
Protocol Buffers; a field of another type than expected is skipped, as Protobuf does.
"""

import struct
from collections.abc import Mapping

_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
_VARINT_BYTES = 10


class MalformedError(ValueError):
    """Bytes that are no message."""


def read(content: bytes) -> Mapping[int, int | bytes]:
    """Return the fields of a message by number, the last one of each; raises MalformedError."""
    fields: dict[int, int | bytes] = {}
    at = 0
    while at < len(content):
        key, at = _read_varint(content, at)
        value, at = _read_value(content, at, key & 7)
        if key >> 3 == 0:
            raise MalformedError("a field has the number 0")
        if value is not None:
            fields[key >> 3] = value
    return fields


def _read_value(content: bytes, at: int, kind: int) -> tuple[int | bytes | None, int]:
    if kind == _VARINT:
        return _read_varint(content, at)
    if kind == _LENGTH:
        size, at = _read_varint(content, at)
        value: bytes | None = content[at : at + size]
    elif kind in {_EIGHT_BYTES, _FOUR_BYTES}:
        size, value = (8 if kind == _EIGHT_BYTES else 4), None
    else:
        raise MalformedError(f"there is no wire type {kind}")
    if at + size > len(content):
        raise MalformedError("a field goes beyond the end")
    return value, at + size


def _read_varint(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift, byte in enumerate(content[at : at + _VARINT_BYTES]):
        value |= (byte & 127) << 7 * shift
        if byte < 128:  # noqa: PLR2004 - the highest bit says that more follow
            return value & (1 << 64) - 1, at + shift + 1
    raise MalformedError("a number does not end")


def number(field: int, value: int) -> bytes:
    """Write a field that is a number or a truth value; 0 is not written."""
    return _varint(field << 3 | _VARINT) + _varint(value) if value else b""


def text(field: int, value: bytes) -> bytes:
    """Write a field that is a text, bytes or a message; none are not written."""
    return part(field, value) if value else b""


def part(field: int, value: bytes) -> bytes:
    """Write a field that is a text, bytes or a message, even an empty one."""
    return _varint(field << 3 | _LENGTH) + _varint(len(value)) + value


def double(field: int, value: float) -> bytes:
    """Write a field that is a double, even 0."""
    return _varint(field << 3 | _EIGHT_BYTES) + struct.pack("<d", value)


def truth(field: int, *, value: bool) -> bytes:
    """Write a truth value, even False."""
    return _varint(field << 3 | _VARINT) + _varint(value)


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 127:  # noqa: PLR2004 - seven bits a byte
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])
