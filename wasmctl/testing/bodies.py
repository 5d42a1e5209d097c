"""Bodies that a scenario sends.

A text, or a map that says how the bytes are written (``text``, ``json``, ``file``, ``base64``,
``hex``, ``fill`` with ``size``), and ``split``, how they are cut; or ``chunks``, each written so.
Each chunk travels as one frame; ``gap`` is the time between two.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from wasmctl.testing import durations, octets
from wasmctl.testing.blame import Blame, Location, Wrong, kind_of, unknown_key
from wasmctl.testing.neighbours import MAX_SIZE
from wasmctl.testing.scalars import Value

CHUNKS, FILL, SIZE, SPLIT, GAP = "chunks", "fill", "size", "split", "gap"
# Frames of one body: enough for any border, few enough to send in no time.
_MAX_CHUNKS = 10_000


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A body to send.

    Attributes:
        gap: nanoseconds between two chunks.

    """

    chunks: tuple[bytes, ...] = ()
    gap: int = 0


def read(value: Value, blame: Blame) -> Sent:
    """Read a body; ``~`` and the empty text are none."""
    if not isinstance(value, dict) or GAP not in value:
        return Sent(chunks=_cut(value, blame))
    inner = Blame()
    gap = durations.read(value[GAP], inner)
    for wrong in inner.wrongs:
        blame.append(replace(wrong, at=(GAP,)))
    if not value.keys() & {CHUNKS, SPLIT}:
        message = "a gap is between chunks: of chunks, or of a body that is split"
        blame.append(Wrong(at=(GAP,), message=message, is_key=True))
    rest: Value = {key: item for key, item in value.items() if key != GAP}
    return Sent(chunks=_cut(rest, blame), gap=gap)


def _cut(value: Value, blame: Blame) -> tuple[bytes, ...]:
    if value is None:
        return ()
    if isinstance(value, dict) and value.keys() == {CHUNKS}:
        return _chunks(value[CHUNKS], blame)
    if isinstance(value, dict) and SPLIT in value:
        written = {key: item for key, item in value.items() if key != SPLIT}
        return _split(_piece(written, (), blame), value[SPLIT], blame)
    content = _piece(value, (), blame)
    return (content,) if content else ()


def _chunks(value: Value, blame: Blame) -> tuple[bytes, ...]:
    if isinstance(value, list):
        if not _fits(len(value), (CHUNKS,), blame):
            return ()
        return tuple(_piece(item, (CHUNKS, i), blame) for i, item in enumerate(value))
    blame.append(Wrong(at=(CHUNKS,), message=f"expected a list, not {kind_of(value)}"))
    return ()


def _piece(value: Value, at: Location, blame: Blame) -> bytes:
    if not isinstance(value, dict):
        return octets.read(value, at, blame)
    if value.keys() == {FILL, SIZE}:
        return _filled(value, at, blame)
    for name in [name for name in value if name not in (*FORMS, FILL, SIZE)]:
        blame.append(unknown_key((*at, name), [*FORMS, FILL, SIZE, CHUNKS, SPLIT, GAP]))
        return b""
    if len(value) != 1 or value.keys() <= {FILL, SIZE}:
        known = ", ".join((*FORMS, f"{FILL} with {SIZE}"))
        blame.append(Wrong(at=at, message=f"a body is written in one way: one of {known}"))
        return b""
    name, argument = next(iter(value.items()))
    return FORMS[name](argument, (*at, name), blame)


def _filled(written: dict[str, Value], at: Location, blame: Blame) -> bytes:
    pattern = octets.read(written[FILL], (*at, FILL), blame)
    size = _natural(written[SIZE], (*at, SIZE), blame, most=MAX_SIZE)
    if not pattern:
        blame.append(Wrong(at=(*at, FILL), message="expected something to fill with"))
        return b""
    return (pattern * (size // len(pattern) + 1))[:size]


def _split(content: bytes, how: Value, blame: Blame) -> tuple[bytes, ...]:
    """Cut a body; no cut makes an empty chunk."""
    borders: list[int] = []
    if isinstance(how, dict) and len(how) == 1 and (name := next(iter(how))) in _SPLITS:
        borders = _SPLITS[name](how[name], len(content), (SPLIT, name), blame)
    else:
        known = ", ".join(_SPLITS)
        message = f"expected a map with one of {known}, not {kind_of(how)}"
        blame.append(Wrong(at=(SPLIT,), message=message))
    if not _fits(len(borders) + 1, (SPLIT,), blame):
        return ()
    inner = sorted({border for border in borders if 0 < border < len(content)})
    return tuple(content[start:end] for start, end in pairwise((0, *inner, len(content))))


def _by_count(value: Value, length: int, at: Location, blame: Blame) -> list[int]:
    count = _natural(value, at, blame, most=_MAX_CHUNKS, least=1)
    return [length * part // count for part in range(1, count)]


def _by_size(value: Value, length: int, at: Location, blame: Blame) -> list[int]:
    size = _natural(value, at, blame, most=MAX_SIZE, least=1)
    return list(range(size, length, size))


def _at(value: Value, _length: int, at: Location, blame: Blame) -> list[int]:
    if not isinstance(value, list) or not value:
        blame.append(Wrong(at=at, message=f"expected a list of places, not {kind_of(value)}"))
        return []
    return [_natural(item, (*at, i), blame, most=MAX_SIZE, least=1) for i, item in enumerate(value)]


def _natural(value: Value, at: Location, blame: Blame, *, most: int, least: int = 0) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return int(value)
    blame.append(Wrong(at=at, message=f"expected a whole number from {least} to {most:,}"))
    return least


def _fits(chunks: int, at: Location, blame: Blame) -> bool:
    if chunks <= _MAX_CHUNKS:
        return True
    blame.append(Wrong(at=at, message=f"{chunks:,} chunks; at most {_MAX_CHUNKS:,} are sent"))
    return False


def compact_json(value: Value) -> bytes:
    """Return a value as JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


FORMS: dict[str, Callable[[Value, Location, Blame], bytes]] = {
    "text": octets.read,
    "json": lambda value, _at, _blame: compact_json(value),
    "file": octets.of_file,
    "base64": lambda value, at, blame: octets.decode("base64", value, at, blame),
    "hex": lambda value, at, blame: octets.decode("hex", value, at, blame),
}

_SPLITS: dict[str, Callable[[Value, int, Location, Blame], list[int]]] = {
    "count": _by_count,
    "size": _by_size,
    "at": _at,
}
