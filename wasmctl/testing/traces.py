"""What crossed the boundary between host and plugin, as plain values for machines."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from wasmctl.host import TraceRecord
from wasmctl.host.trace import Value
from wasmctl.testing.octets import as_text


def as_json(records: Iterable[TraceRecord]) -> list[dict[str, Any]]:
    """Return one value for each call; bytes that are not text stand as lone surrogates."""
    return [_record(record) for record in records]


def _record(record: TraceRecord) -> dict[str, Any]:
    return {
        "kind": record.kind.value,
        "module": record.module,
        "function": record.function,
        "arguments": list(record.arguments),
        "values": {name: _value(value) for name, value in record.values},
        "ending": record.ending.value,
        "returned": record.returned,
        "results": [_value(value) for value in record.results],
        "status": record.status,
        "explanation": record.explanation,
        "depth": record.depth,
        "vm": record.vm,
        "plugin": record.plugin,
        "context": record.context,
        "stream": record.stream,
    }


def _value(value: Value) -> object:
    match value:
        case IntEnum():
            return value.name
        case bytes():
            return as_text(value)
        case tuple():
            return [[as_text(name), as_text(content)] for name, content in value]
        case _:
            return value
