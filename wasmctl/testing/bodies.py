"""Bodies that a scenario sends.

A text, or a map that says how the bytes are written (``text``, ``json``, ``base64``, ``hex``) or
in which ``chunks`` they travel.
"""

import json
from collections.abc import Callable

from wasmctl.testing import octets
from wasmctl.testing.blame import Blame, Location, Wrong, kind_of, unknown_key
from wasmctl.testing.scalars import Value

_CHUNKS = "chunks"


def read(value: Value, blame: Blame) -> tuple[bytes, ...]:
    """Read a body as its chunks; ``~`` and the empty text are none."""
    if value is None:
        return ()
    if isinstance(value, dict) and value.keys() == {_CHUNKS}:
        return _chunks(value[_CHUNKS], blame)
    content = _piece(value, (), blame)
    return (content,) if content else ()


def _chunks(value: Value, blame: Blame) -> tuple[bytes, ...]:
    if isinstance(value, list):
        return tuple(_piece(item, (_CHUNKS, i), blame) for i, item in enumerate(value))
    blame.append(Wrong(at=(_CHUNKS,), message=f"expected a list, not {kind_of(value)}"))
    return ()


def _piece(value: Value, at: Location, blame: Blame) -> bytes:
    if not isinstance(value, dict):
        return octets.read(value, at, blame)
    if len(value) != 1:
        known = ", ".join(FORMS)
        blame.append(Wrong(at=at, message=f"a body is written in one way: one of {known}"))
        return b""
    name, argument = next(iter(value.items()))
    if name not in FORMS:
        blame.append(unknown_key((*at, name), [*FORMS, _CHUNKS]))
        return b""
    return FORMS[name](argument, (*at, name), blame)


def compact_json(value: Value) -> bytes:
    """Return a value as JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


FORMS: dict[str, Callable[[Value, Location, Blame], bytes]] = {
    "text": octets.read,
    "json": lambda value, _at, _blame: compact_json(value),
    "base64": lambda value, at, blame: octets.decode("base64", value, at, blame),
    "hex": lambda value, at, blame: octets.decode("hex", value, at, blame),
}
