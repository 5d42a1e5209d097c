"""On which line of a TOML text a key stands; the standard library's parser does not keep it."""

import re

_TABLE = re.compile(r"^\s*\[\[?\s*(?P<path>[^\]]+?)\s*\]\]?")
_KEY = re.compile(r"""^\s*(?P<path>[\w"'.\s-]+?)\s*=""")


def line_of(text: str, path: tuple[str, ...]) -> int:
    """Return the line of the longest beginning of ``path`` that the text spells out.

    A key inside an inline table is reported on the table's line; a missing key on its table's.
    """
    best, best_length = 1, 0
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        heading, key = _TABLE.match(line), _KEY.match(line)
        if heading:
            table = _parts(heading["path"])
        here = table if heading else table + _parts(key["path"]) if key else ()
        if best_length < len(here) <= len(path) and path[: len(here)] == here:
            best, best_length = number, len(here)
    return best


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in path.split("."))
