"""Where two JSON values part, key by key."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from wasmctl.testing.quoting import cut
from wasmctl.testing.scalars import Value

# More says nothing more.
_MOST = 20


@dataclass(frozen=True, kw_only=True)
class Part:
    """One place where two values differ; ``path`` as in ``.user.names[0]``."""

    path: str
    expected: str
    seen: str


def parts(expected: Value, seen: Value) -> tuple[Part, ...]:
    """Return the places where two values differ: none where they mean the same.

    The order of keys means nothing; true is not 1.
    """
    found: list[Part] = []
    for part in _parts(expected, seen, ""):
        if len(found) == _MOST:
            break
        found.append(part)
    return tuple(found)


def _parts(expected: Value, seen: Value, path: str) -> Iterator[Part]:
    if isinstance(expected, dict) and isinstance(seen, dict):
        yield from _of_maps(expected, seen, path)
    elif isinstance(expected, list) and isinstance(seen, list):
        for index in range(max(len(expected), len(seen))):
            at = f"{path}[{index}]"
            if index >= len(seen):
                yield Part(path=at, expected=_words(expected[index]), seen="nothing")
            elif index >= len(expected):
                yield Part(path=at, expected="nothing", seen=_words(seen[index]))
            else:
                yield from _parts(expected[index], seen[index], at)
    elif isinstance(seen, bool) != isinstance(expected, bool) or seen != expected:
        yield Part(path=path, expected=_words(expected), seen=_words(seen))


def _of_maps(expected: dict[str, Value], seen: dict[str, Value], path: str) -> Iterator[Part]:
    for key in (*expected, *(key for key in seen if key not in expected)):
        at = f"{path}.{key}" if key.isidentifier() else f"{path}[{json.dumps(key)}]"
        if key not in seen:
            yield Part(path=at, expected=_words(expected[key]), seen="nothing")
        elif key not in expected:
            yield Part(path=at, expected="nothing", seen=_words(seen[key]))
        else:
            yield from _parts(expected[key], seen[key], at)


def _words(value: Value) -> str:
    return cut(json.dumps(value, ensure_ascii=False))
