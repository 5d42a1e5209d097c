"""Values as they are written in AssemblyScript."""

import json

from wasmctl.abi.wire import decode_pairs, encode_pairs

_MANY = 10


class Untranslatable(Exception):  # noqa: N818 - it is an answer
    """The SDK has no words for this."""


def text(value: object) -> str:
    """Write bytes as a text, if they are one."""
    if not isinstance(value, bytes):
        raise Untranslatable
    try:
        return json.dumps(value.decode())
    except UnicodeDecodeError as error:
        raise Untranslatable from error


def data(value: object) -> str:
    """Write bytes."""
    if not isinstance(value, bytes):
        raise Untranslatable
    try:
        return f"utf8.encode({text(value)})"
    except Untranslatable:
        return f'unhexed("{value.hex()}")'


def path(value: object) -> str:
    """Write a property's path, as the list of its parts."""
    if not isinstance(value, bytes):
        raise Untranslatable
    parts = ", ".join(map(text, value.split(b"\0")))
    return f"[{parts}]"


def pairs(value: object) -> str:
    """Write serialised pairs as a list; what is malformed cannot be written."""
    if not isinstance(value, bytes):
        raise Untranslatable
    found = _pairs(value)
    if value not in (b"", encode_pairs(found)):
        raise Untranslatable
    few = found[: len(found) - _repeated(found)]
    written = ", ".join(f"new Pair({data(name)}, {data(each)})" for name, each in few)
    if len(few) == len(found):
        return f"[{written}]"
    name, each = found[-1]
    return f"repeated([{written}], {len(found) - len(few)}, {text(name)}, {text(each)})"


def _repeated(found: tuple[tuple[bytes, bytes], ...]) -> int:
    """Count the last pairs, if they are many and the same."""
    same = sum(1 for each in found if each == found[-1])
    return same if same > _MANY and found[-same:] == (found[-1],) * same else 0


def _pairs(value: bytes) -> tuple[tuple[bytes, bytes], ...]:
    return decode_pairs(value) if value else ()
