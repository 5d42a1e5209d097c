"""How values look in messages: quoted, escaped, cut to what matters."""

from wasmctl.testing.octets import as_bytes

_LONGEST = 160
_BEFORE = 40
_ESCAPES = {
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
    ord('"'): '\\"',
    ord("\\"): "\\\\",
}
_FIRST_SURROGATE = 0xDC80
_LAST_SURROGATE = 0xDCFF


def quoted(text: str) -> str:
    r"""Return a text in quotes; bytes that are not text as ``\xff``, its end cut if it is long."""
    return _window(text, 0)


def cut(text: str) -> str:
    """Return a text that is made of visible characters, its end cut if it is long."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def apart(expected: str, seen: str) -> tuple[str, str]:
    """Quote two texts that differ, both cut to where they part."""
    pairs = zip(expected, seen, strict=False)
    at = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(expected), len(seen)))
    start = max(0, at - _BEFORE) if max(len(expected), len(seen)) > _LONGEST else 0
    return _window(expected, start), _window(seen, start)


def _window(text: str, start: int) -> str:
    cut = text[start : start + _LONGEST]
    before, after = "…" if start else "", "…" if len(text) > start + _LONGEST else ""
    size = f" ({len(as_bytes(text)):,} bytes)" if before or after else ""
    return f'{before}"{escaped(cut)}"{after}{size}'


def escaped(text: str) -> str:
    """Return a text in one line of visible characters."""
    return "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    code = ord(character)
    if _FIRST_SURROGATE <= code <= _LAST_SURROGATE:
        return f"\\x{code - 0xDC00:02x}"
    if code in _ESCAPES:
        return _ESCAPES[code]
    return character if character.isprintable() else f"\\u{code:04x}"
