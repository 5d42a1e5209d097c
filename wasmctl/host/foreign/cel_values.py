"""Values on their way into an expression's engine and out of it again."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from operator import itemgetter

from cel_expr_python import cel
from google.protobuf.duration_pb2 import Duration as ProtobufDuration
from google.protobuf.timestamp_pb2 import Timestamp as ProtobufTimestamp
from google.protobuf.wrappers_pb2 import UInt64Value

from wasmctl.abi.types import Status
from wasmctl.host.hostcall import HostcallError
from wasmctl.host.values import (
    NULL,
    Duration,
    MessageValue,
    Null,
    Octets,
    Timestamp,
    Unsigned,
    Value,
    Whole,
    serialised,
)

# Marks what a plugin may take apart and not get as a whole, or get as Protobuf writes it.
_MARK = "\1"
_NANOSECONDS = 1_000_000_000
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Wholes:
    """Values on their way into an expression and out of it again."""

    def __init__(self) -> None:
        self._wholes: list[Value] = []

    def plain(self, value: Value) -> object:
        """Return a value as the engine takes it."""
        match value:
            case Whole():
                parts = {name: value.part(name) for name in value.names()}
                return self._marked(value, {k: v for k, v in parts.items() if v is not None})
            case MessageValue():
                return self._marked(value, value.fields)
            case Mapping():
                return {_text(name): self.plain(part) for name, part in value.items()}
            case tuple():
                return [self.plain(part) for part in value]
            case _:
                return _plain_scalar(value)

    def _marked(self, whole: Value, parts: Mapping[bytes, Value]) -> object:
        self._wholes.append(whole)
        mark = {_MARK: len(self._wholes) - 1}
        return mark | {_text(name): self.plain(part) for name, part in parts.items()}

    def value(self, result: cel.Value) -> Value:
        """Return the engine's value as one of ours; raises HostcallError for an error."""
        kind, found = result.type(), result.value()
        if kind == cel.Type.ERROR:
            raise HostcallError(Status.INTERNAL_FAILURE, f"the expression failed: {found}")
        if isinstance(found, dict):
            if _MARK in found:
                whole: Value = self._wholes[found[_MARK].value()]
                return whole
            entries = ((_key(name), self.value(part)) for name, part in found.items())
            return dict(sorted(entries, key=itemgetter(0)))
        if isinstance(found, list):
            return tuple(self.value(part) for part in found)
        return _scalar(found)


def _plain_scalar(value: Value) -> object:
    match value:
        case Null():
            return None
        case Octets():
            return bytes(value)
        case bytes():
            return _text(value)
        case int():
            return _plain_number(value)
        case _:
            return value


def _plain_number(value: int) -> object:
    """Return a number; the engine takes times and unsigned numbers as Protobuf has them."""
    match value:
        case Timestamp():
            return ProtobufTimestamp(seconds=value // _NANOSECONDS, nanos=value % _NANOSECONDS)
        case Duration():
            return ProtobufDuration(seconds=value // _NANOSECONDS, nanos=value % _NANOSECONDS)
        case Unsigned():
            return UInt64Value(value=value)
        case _:
            return value


def _text(content: bytes) -> str:
    return content.decode(errors="replace")


def _key(name: object) -> bytes:
    return serialised(_scalar(name))


def _scalar(found: object) -> Value:
    match found:
        case str():
            return found.encode()
        case bytes() | bytearray():
            return bytes(found)
        case bool() | int() | float():
            return found
        case timedelta():
            return found // _MICROSECOND * 1000
        case datetime():
            return (found - _EPOCH) // _MICROSECOND * 1000
        case _:
            return NULL
