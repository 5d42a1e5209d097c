"""Filter state: what plugins, and Envoy's own filters, leave with a stream or its connection.

Source: Envoy source/common/stream_info/filter_state_impl.cc; for what plugins set as properties
source/extensions/filters/common/expr/cel_state.h. An object lives as long as the stream, or as the
connection, which every later stream on it sees.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from wasmctl.abi.types import Status
from wasmctl.host.hostcall import HostcallError, UnimplementedError
from wasmctl.host.values import MessageValue, Octets, Value

PREFIX = b"wasm."
"""Under which a plugin's properties are kept."""


class PropertyType(IntEnum):
    """What a declared property's bytes are; FLATBUFFERS and PROTOBUF are told by a schema."""

    BYTES = 0
    STRING = 1
    FLATBUFFERS = 2
    PROTOBUF = 3


class LifeSpan(IntEnum):
    """How long something lives; of the first two, nothing tells the difference here."""

    FILTER_CHAIN = 0
    DOWNSTREAM_REQUEST = 1
    DOWNSTREAM_CONNECTION = 2


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What a plugin declared about a property; without, it is bytes of the stream's."""

    is_read_only: bool = False
    kind: PropertyType = PropertyType.BYTES
    span: LifeSpan = LifeSpan.FILTER_CHAIN


UNDECLARED = Declaration()


@dataclass(frozen=True, kw_only=True)
class StateObject:
    """An object; ``value`` is None where it has none to read."""

    value: Value | None
    declaration: Declaration = UNDECLARED


class FilterState:
    """The filter state of a stream, above that of its connection; ``given`` is there at once."""

    def __init__(
        self, connection: dict[bytes, StateObject], given: Mapping[bytes, StateObject]
    ) -> None:
        self._connection = connection
        self._own = dict(given)

    def get(self, key: bytes) -> StateObject | None:
        """Return an object, the stream's own first."""
        return self._own.get(key) or self._connection.get(key)

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The keys of all objects."""
        return tuple(self._connection | self._own)

    def put(self, key: bytes, found: StateObject, span: LifeSpan) -> None:
        """Keep an object, in the place of one with the same key."""
        if span is LifeSpan.DOWNSTREAM_CONNECTION:
            self._own.pop(key, None)
            self._connection[key] = found
        else:
            self._own[key] = found

    def set_property(self, path: bytes, content: bytes, declared: Declaration) -> None:
        """Set what a plugin calls a property; raises HostcallError where it may only be read."""
        key = PREFIX + path
        before = self.get(key)
        declaration = before.declaration if before is not None else declared
        if before is not None and declaration.is_read_only:
            raise HostcallError(Status.BAD_ARGUMENT, f"the property {path!r} is read-only")
        found = StateObject(value=_value(content, declaration.kind), declaration=declaration)
        self.put(key, found, declaration.span)


def _value(content: bytes, kind: PropertyType) -> Value:
    match kind:
        case PropertyType.BYTES:
            return Octets(content)
        case PropertyType.STRING:
            return content
        case _:
            return MessageValue(fields=_Unread(), content=content)


class _Unread(Mapping[bytes, Value]):
    """The fields of a message by a schema that Envoy knows, and this host does not."""

    def __getitem__(self, name: bytes) -> Value:
        raise UnimplementedError(
            f"the field {name.decode(errors='replace')} of a declared property"
        )

    def __iter__(self) -> Iterator[bytes]:
        raise UnimplementedError("the fields of a declared property")

    def __len__(self) -> int:
        raise UnimplementedError("the fields of a declared property")
