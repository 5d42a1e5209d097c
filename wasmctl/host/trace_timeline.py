"""A trace as people read it: each callback, and indented what it asked of the host.

::

    plugin, stream 2: proxy_on_request_headers(num_headers 5, end_of_stream true) → CONTINUE
      proxy_get_header_map_value(HTTP_REQUEST_HEADERS, ":path") → "/cart"
      proxy_get_header_map_value(HTTP_REQUEST_HEADERS, "x-none") → NOT_FOUND: there is no header
      "x-none"
      proxy_log(INFO, "a request")

An allocator's call belongs to the hostcall that needs the memory, and is shown only where it did
something of its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

from wasmctl.abi.callbacks import ALLOCATORS
from wasmctl.host.trace import Ending, TraceKind, TraceRecord, Value
from wasmctl.messages import Pair

_LONGEST = 160
_MOST_PAIRS = 6
_INDENT = "  "
_CONTEXT_PARAMETERS = ("context_id", "stream_context_id", "plugin_context_id")
_SUCCESSES = ("OK", "SUCCESS", "")


def timeline(records: Sequence[TraceRecord]) -> tuple[str, ...]:
    """Return the lines of a trace, in the order in which it went."""
    several = len({record.vm for record in records}) > 1
    return tuple(_lines(records, several=several))


def _lines(records: Sequence[TraceRecord], *, several: bool) -> Iterator[str]:
    running: list[TraceRecord] = []
    for index, record in enumerate(records):
        if _is_plain_allocation(record, records[index + 1 : index + 2]):
            continue
        del running[record.depth :]
        outer = next((each for each in reversed(running) if each.vm == record.vm), None)
        whose = _whose(record, outer, several=several)
        yield f"{_INDENT * len(running)}{whose}{_called(record)}{_came_of(record)}"
        running.append(record)


def _is_plain_allocation(record: TraceRecord, following: Iterable[TraceRecord]) -> bool:
    return (
        record.function in ALLOCATORS
        and bool(record.returned)
        and all(each.depth <= record.depth for each in following)
    )


def _whose(record: TraceRecord, outer: TraceRecord | None, *, several: bool) -> str:
    """Name the context, unless it is that of the call around it."""
    if outer and (outer.vm, outer.context) == (record.vm, record.context):
        return ""
    machine = f"VM {record.vm}, " if several else ""
    if record.stream is not None:
        return f"{machine}{record.plugin}, stream {record.stream}: "
    return f"{machine}{record.plugin}: " if record.plugin else f"{machine}no context: "


def _called(record: TraceRecord) -> str:
    values = record.values
    if record.kind is TraceKind.CALLBACK:
        told = [f"{name} {_shown(value)}" for name, value in values if not _names_context(name)]
        return f"{record.function}({', '.join(told)})"
    return f"{record.function}({', '.join(_argument(name, value) for name, value in values)})"


def _argument(name: str, value: Value) -> str:
    """Show an argument; the parts of a property's path end in NUL, and are written with dots."""
    if name == "path" and isinstance(value, bytes):
        return quoted(value.removesuffix(b"\0").replace(b"\0", b"."))
    return _shown(value)


def _names_context(parameter: str) -> bool:
    return parameter in _CONTEXT_PARAMETERS


def _came_of(record: TraceRecord) -> str:
    if record.ending is not Ending.RETURNED:
        return " ✗ trapped" if record.ending is Ending.TRAPPED else " …"
    if record.status not in _SUCCESSES:
        return f" → {record.status}{': ' if record.explanation else ''}{record.explanation}"
    results = ", ".join(map(_shown, record.results))
    return f" → {results}" if results else ""


def _shown(value: Value) -> str:
    match value:
        case IntEnum():
            return value.name
        case bytes():
            return quoted(value)
        case tuple():
            return _pairs(value)
        case None:
            return "beyond memory"
        case _:
            return str(value)


def _pairs(pairs: tuple[Pair, ...]) -> str:
    shown = [f"{_text(name)}: {quoted(value)}" for name, value in pairs[:_MOST_PAIRS]]
    more = [f"… {len(pairs) - _MOST_PAIRS} more"] if len(pairs) > _MOST_PAIRS else []
    return f"{{{', '.join(shown + more)}}}"


def quoted(content: bytes) -> str:
    """Return bytes as a text in quotes, the rest of a long one counted."""
    size = f"… ({len(content):,} bytes)" if len(content) > _LONGEST else ""
    return f'"{_text(content[:_LONGEST])}"{size}'


def _text(content: bytes) -> str:
    r"""Escape what is not visible; what is not UTF-8 as ``\xff``."""
    return "".join(map(_escaped, content.decode(errors="backslashreplace")))


def _escaped(character: str) -> str:
    if character == '"':
        return '\\"'
    return character if character.isprintable() else character.encode("unicode_escape").decode()
