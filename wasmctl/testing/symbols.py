"""Names of functions as people know them: Rust's compiler writes paths into them.

Only the path is read, not the types: it is a line in a backtrace. Sources: rustc's "v0 symbol
mangling" (RFC 2603), and the older form, ``_ZN``, that came before it.
"""

import re

_LEGACY = re.compile(r"_ZN(.+)E")
_HASH = re.compile(r"h[0-9a-f]{16}")
_ESCAPES = {
    "$LT$": "<",
    "$GT$": ">",
    "$RF$": "&",
    "$BP$": "*",
    "$C$": ",",
    "$u20$": " ",
    "..": "::",
}
# A number that tells two of one name apart.
_DISAMBIGUATOR = re.compile(r"(?<=[A-Za-z])s[0-9A-Za-z]*_(?=\d)")
_LENGTH = re.compile(r"\d+")
# Here an underscore stands between a length and a name that begins with a digit or with another.
_V0_LENGTH = re.compile(r"\d+_?")


def plain(name: str) -> str:
    """Return the path of a Rust function, and any other name as it is."""
    if found := _LEGACY.fullmatch(name):
        parts = [part for part in _parts(found[1], _LENGTH) if not _HASH.fullmatch(part)]
        return _unescaped("::".join(parts)) or name
    if name.startswith("_R"):
        return "::".join(_parts(_DISAMBIGUATOR.sub("", name[2:]), _V0_LENGTH)) or name
    return name


def _parts(mangled: str, lengths: re.Pattern[str]) -> list[str]:
    """Read the identifiers, each behind its length."""
    found, at = [], 0
    while length := lengths.search(mangled, at):
        end = length.end() + int(length[0].rstrip("_")[:4])
        found.append(mangled[length.end() : end])
        at = end
    return [part for part in found if part]


def _unescaped(text: str) -> str:
    for written, meant in _ESCAPES.items():
        text = text.replace(written, meant)
    return text
