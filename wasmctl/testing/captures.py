"""Values that a test takes from what it has seen, for its later steps: ``capture``.

A step that uses such a value cannot be read until the value is there. Until then a mark stands for
it, of signs that may stand in paths and headers, so that everything else is read, and its mistakes
are told, before anything runs; when the step's turn comes, it is read again with the value.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from wasmctl import spelling
from wasmctl.messages import Message
from wasmctl.testing.blame import Blame, Location, Wrong, kind_of, unknown_key
from wasmctl.testing.observation import Observation
from wasmctl.testing.octets import as_text
from wasmctl.testing.patterns import Pattern, PatternError, compile_pattern
from wasmctl.testing.placeholders import NAME
from wasmctl.testing.scalars import Value

Captured: TypeAlias = Mapping[str, str]

CAPTURE, FROM, SEARCH, JSON = "capture", "from", "search", "json"
_MARK = re.compile(rf"@@capture\.({NAME})@@")
_LOGS = "logs"
_PEERS = ("client", "upstream", "callouts")
_PARTS = ("status", "method", "path", "authority", "body", "headers", "trailers")
_NAMED = ("headers", "trailers")


@dataclass(frozen=True, kw_only=True)
class Capture:
    """What is taken, and under which name.

    Attributes:
        source: where it is: ``client.headers.x-id``, ``upstream.path``, ``logs``.
        pattern: of which the first group, or all that fits, is taken; None: the whole.
        keys: the way to a value inside JSON.

    """

    name: str
    source: str
    pattern: Pattern | None = None
    keys: tuple[str | int, ...] = ()


def mark(name: str) -> str:
    """Return what stands for a value that is not there yet."""
    return f"@@capture.{name}@@"


def names(steps: Value) -> Iterator[str]:
    """Return the names that steps give, those inside of others too."""
    for step in steps if isinstance(steps, list) else ():
        if isinstance(step, dict):
            captured = step.get(CAPTURE)
            yield from captured if isinstance(captured, dict) else ()
            repeat = step.get("repeat")
            yield from names(repeat.get("steps") if isinstance(repeat, dict) else None)


def is_marked(value: Value) -> bool:
    """Return whether a value uses one that is not there yet."""
    match value:
        case str():
            return _MARK.search(value) is not None
        case list():
            return any(map(is_marked, value))
        case dict():
            return any(map(is_marked, value.values()))
        case _:
            return False


def filled(value: Value, captured: Captured) -> Value:
    """Return a value with what has been captured in the place of its marks."""
    match value:
        case str():
            return _MARK.sub(lambda found: captured.get(found[1], ""), value)
        case list():
            return [filled(item, captured) for item in value]
        case dict():
            return {key: filled(item, captured) for key, item in value.items()}
        case _:
            return value


def read(value: Value, blame: Blame) -> tuple[Capture, ...]:
    """Read a map from names to what they stand for."""
    if not isinstance(value, dict) or not value:
        blame.append(Wrong(at=(), message=f"expected a map of names, not {kind_of(value)}"))
        return ()
    return tuple(_capture(name, written, blame) for name, written in value.items())


def _capture(name: str, written: Value, blame: Blame) -> Capture:
    if not re.fullmatch(NAME, name):
        message = f"{name!r} is not a name: letters, digits and _"
        blame.append(Wrong(at=(name,), message=message, is_key=True))
    table = {FROM: written} if isinstance(written, str) else written
    if not isinstance(table, dict):
        message = f"expected where it is, or a map, not {kind_of(written)}"
        blame.append(Wrong(at=(name,), message=message))
        return Capture(name=name, source="")
    for key in table.keys() - {FROM, SEARCH, JSON}:
        blame.append(unknown_key((name, key), [FROM, SEARCH, JSON]))
    at: Location = (name, FROM) if isinstance(written, dict) and FROM in written else (name,)
    return Capture(
        name=name,
        source=_source(table.get(FROM), at, blame),
        pattern=_pattern(table[SEARCH], (name, SEARCH), blame) if SEARCH in table else None,
        keys=_keys(table[JSON], (name, JSON), blame) if JSON in table else (),
    )


def _source(written: Value, at: Location, blame: Blame) -> str:
    text = written if isinstance(written, str) else ""
    peer, _, rest = text.partition(".")
    part, _, field = rest.partition(".")
    is_one = peer in _PEERS and part in _PARTS and (part in _NAMED) == bool(field)
    if text != _LOGS and not is_one:
        known = "client.body, client.headers.NAME, upstream.path, callouts.path, logs"
        near = spelling.nearest(text, (f"{peer}.{part}" for peer in _PEERS for part in _PARTS))
        hint = f"did you mean {near!r}?" if near else f"as in {known}"
        blame.append(Wrong(at=at, message=f"expected where the value is; {hint}"))
    return text


def _pattern(written: Value, at: Location, blame: Blame) -> Pattern | None:
    try:
        return compile_pattern(str(written), captures=True)
    except PatternError as error:
        blame.append(Wrong(at=at, message=str(error)))
        return None


def _keys(written: Value, at: Location, blame: Blame) -> tuple[str | int, ...]:
    if isinstance(written, list) and all(isinstance(key, str | int) for key in written):
        return tuple(key if isinstance(key, str | int) else "" for key in written)
    message = f"expected the keys on the way to the value, not {kind_of(written)}"
    blame.append(Wrong(at=at, message=message))
    return ()


def take(capture: Capture, seen: Observation) -> str | None:
    """Return what is captured, the latest of several; None where there is nothing."""
    texts = [_below(text, capture.keys) if capture.keys else text for text in _texts(capture, seen)]
    for text in reversed(texts):
        found = capture.pattern.part(text) if capture.pattern and text is not None else text
        if found is not None:
            return found
    return None


def _texts(capture: Capture, seen: Observation) -> list[str]:
    if capture.source == _LOGS:
        return [line.text for line in seen.logs]
    peer, _, rest = capture.source.partition(".")
    messages = {
        "client": [one.message for one in (seen.client,) if one],
        "upstream": [one.message for one in seen.upstream],
        "callouts": [one.message for one in seen.callouts],
    }
    return [text for message in messages[peer] for text in _of(message, rest)]


def _of(message: Message, place: str) -> Iterator[str]:
    part, _, field = place.partition(".")
    if part == "body":
        yield as_text(message.body)
        return
    fields = message.trailers if part == "trailers" else message.headers
    wanted = (field.lower() if field else f":{part}").encode()
    yield from (as_text(value) for name, value in fields if name == wanted)


def _below(text: str, keys: tuple[str | int, ...]) -> str | None:
    try:
        found = json.loads(text)
        for key in keys:
            found = found[key]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return found if isinstance(found, str) else json.dumps(found)
