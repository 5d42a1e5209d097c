"""Metadata: the Protobuf messages ``Metadata``, ``Struct`` and ``Node`` as properties.

Source: Envoy api/envoy/config/core/v3/base.proto, Protobuf's struct.proto. What Envoy writes in the
order of its hash tables is written in the order in which it was given.
"""

from collections.abc import Mapping, Sequence

from wasmctl.host import protobuf
from wasmctl.host.values import NULL, MessageValue, Value

Plain = None | bool | int | float | str | Sequence["Plain"] | Mapping[str, "Plain"]
"""What JSON can say."""


def metadata(namespaces: Mapping[str, Mapping[str, Plain]]) -> MessageValue:
    """Return a ``Metadata`` with these namespaces."""
    fields = {
        b"filter_metadata": {name.encode(): _struct(part) for name, part in namespaces.items()},
        b"typed_filter_metadata": {},
    }
    entries = (_entry(1, name, _written_struct(part)) for name, part in namespaces.items())
    return MessageValue(fields=fields, content=b"".join(entries))


def node(given: Mapping[str, Plain]) -> MessageValue:
    """Return the ``Node`` of this host, but for what is ``given``; no extensions are listed."""
    found = {**_NODE, **given}
    locality = _locality(found.get("locality"))
    struct = found.get("metadata")
    struct = struct if isinstance(struct, Mapping) else {}
    texts = {name: str(found[name]).encode() for name in ("id", "cluster", "user_agent_name")}
    fields: dict[bytes, Value] = {
        **{name.encode(): value for name, value in texts.items()},
        b"metadata": _struct(struct),
        b"locality": locality,
    }
    content = (
        protobuf.text(1, texts["id"])
        + protobuf.text(2, texts["cluster"])
        + protobuf.text(3, _written_struct(struct))
        + protobuf.text(4, locality.content)
        + protobuf.text(6, texts["user_agent_name"])
    )
    return MessageValue(fields=fields, content=content)


_NODE: Mapping[str, Plain] = {"id": "wasmctl", "cluster": "wasmctl", "user_agent_name": "envoy"}
_LOCALITY = ("region", "zone", "sub_zone")


def _locality(given: Plain) -> MessageValue:
    found = given if isinstance(given, Mapping) else {}
    texts = {name.encode(): str(found.get(name, "")).encode() for name in _LOCALITY}
    content = (protobuf.text(index, text) for index, text in enumerate(texts.values(), 1))
    return MessageValue(fields=texts, content=b"".join(content))


EMPTY_LOCALITY = _locality(None)


def value(plain: Plain) -> Value:
    """Return what JSON says as Envoy keeps it in metadata: every number is a double."""
    match plain:
        case None:
            return NULL
        case bool():
            return plain
        case int() | float():
            return float(plain)
        case str():
            return plain.encode()
        case Mapping():
            return _struct(plain)
        case _:
            return tuple(value(element) for element in plain)


def _struct(plain: Mapping[str, Plain]) -> dict[bytes, Value]:
    return {name.encode(): value(part) for name, part in plain.items()}


def _written_struct(plain: Mapping[str, Plain]) -> bytes:
    return b"".join(_entry(1, name, _written(part)) for name, part in plain.items())


def _written(plain: Plain) -> bytes:
    """Write a ``google.protobuf.Value``."""
    match plain:
        case None:
            return protobuf.truth(1, value=False)
        case bool():
            return protobuf.truth(4, value=plain)
        case int() | float():
            return protobuf.double(2, plain)
        case str():
            return protobuf.part(3, plain.encode())
        case Mapping():
            return protobuf.part(5, _written_struct(plain))
        case _:
            elements = (protobuf.part(1, _written(element)) for element in plain)
            return protobuf.part(6, b"".join(elements))


def _entry(field: int, name: str, content: bytes) -> bytes:
    return protobuf.part(field, protobuf.part(1, name.encode()) + protobuf.part(2, content))
