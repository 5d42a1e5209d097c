"""Header and trailer fields that a scenario sends.

A map from name to value, to a list of values (the field repeats), or to ``~`` (a field that the
defaults would send is not sent); or a list of pairs, where order matters. Names are written in
any case and sent in lower case, as HTTP/2 demands.
"""

import re
from collections.abc import Iterator
from typing import TypeAlias

from wasmctl.messages import Pair
from wasmctl.testing import octets
from wasmctl.testing.blame import Blame, Location, Wrong, kind_of
from wasmctl.testing.scalars import Value

Fields: TypeAlias = tuple[tuple[bytes, bytes | None], ...]

# RFC 9110, 5.6.2.
FIELD_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_FORBIDDEN = re.compile(rb"[\0\r\n]")
_PAIR = 2

# RFC 9113, 8.2.2: what describes a connection cannot be said inside one.
_OF_CONNECTIONS = frozenset(
    {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}
)


def read(value: Value, blame: Blame) -> Fields:
    """Read fields; a value of None removes what the defaults say."""
    if isinstance(value, dict):
        return tuple(_of_map(value, blame))
    if isinstance(value, list):
        return tuple(_of_pairs(value, blame))
    blame.append(Wrong(at=(), message=f"expected a map of fields, not {kind_of(value)}"))
    return ()


def merged(defaults: Fields, own: Fields) -> tuple[Pair, ...]:
    """Return the fields to send: the defaults, but those that ``own`` names too, then ``own``."""
    named = {name for name, _ in own}
    kept = (field for field in defaults if field[0] not in named)
    return tuple((name, value) for name, value in (*kept, *own) if value is not None)


def _of_map(written: dict[str, Value], blame: Blame) -> Iterator[tuple[bytes, bytes | None]]:
    for key, value in written.items():
        name = _name(key, (key,), blame, is_key=True)
        if value is None or value == []:
            yield name, None
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield name, _value(item, (key, index), blame)
        else:
            yield name, _value(value, (key,), blame)


def _of_pairs(written: list[Value], blame: Blame) -> Iterator[tuple[bytes, bytes]]:
    for index, pair in enumerate(written):
        if isinstance(pair, list) and len(pair) == _PAIR:
            name = octets.as_text(octets.read(pair[0], (index, 0), blame))
            yield _name(name, (index, 0), blame), _value(pair[1], (index, 1), blame)
        else:
            message = f"expected a pair [name, value], not {kind_of(pair)}"
            blame.append(Wrong(at=(index,), message=message))


def _name(text: str, at: Location, blame: Blame, *, is_key: bool = False) -> bytes:
    name = text.lower()
    if name.startswith(":"):
        message = f"{text!r} has a key of its own beside headers: {name[1:]}"
    elif name in _OF_CONNECTIONS:
        message = f"{text!r} describes a connection; messages of HTTP/2 do not have it"
    elif not re.fullmatch(FIELD_NAME, name):
        message = f"{text!r} is not a field name"
    else:
        return name.encode()
    blame.append(Wrong(at=at, message=message, is_key=is_key))
    return b"x"


def _value(value: Value, at: Location, blame: Blame) -> bytes:
    content = octets.read(value, at, blame)
    if _FORBIDDEN.search(content):
        blame.append(Wrong(at=at, message="a field value has no NUL and no line break"))
    return content
