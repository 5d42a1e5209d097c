"""Bytes as a scenario writes them: a text, ``{base64: …}`` or ``{hex: …}``.

Text is UTF-8. Where bytes must be text (matchers compare text), those that are not UTF-8 stand as
lone surrogates, as Python's ``surrogateescape`` has them, so that nothing is lost on the way.
"""

import base64
import binascii

from wasmctl.testing.blame import Blame, Location, Wrong, kind_of
from wasmctl.testing.scalars import Value, is_text, text_of

ENCODINGS = ("base64", "hex")


def as_text(content: bytes) -> str:
    """Return bytes as text, whatever they are."""
    return content.decode("utf-8", "surrogateescape")


def as_bytes(text: str) -> bytes:
    """Return the bytes of a text; the inverse of `as_text`."""
    return text.encode("utf-8", "surrogateescape")


def read(value: Value, at: Location, blame: Blame) -> bytes:
    """Read a text, or a map with one of the encodings."""
    if isinstance(value, dict) and len(value) == 1:
        name, encoded = next(iter(value.items()))
        if name in ENCODINGS:
            return decode(name, encoded, (*at, name), blame)
    if is_text(value):
        return as_bytes(text_of(value))  # type: ignore[arg-type] # is_text said so
    message = f"expected a text, {{base64: …}} or {{hex: …}}, not {kind_of(value)}"
    blame.append(Wrong(at=at, message=message))
    return b""


def of_file(value: Value, at: Location, blame: Blame) -> bytes:
    """Read the file that a text names."""
    if isinstance(value, str) and value:
        return blame.file(value, at)
    blame.append(Wrong(at=at, message=f"expected the name of a file, not {kind_of(value)}"))
    return b""


def decode(encoding: str, value: Value, at: Location, blame: Blame) -> bytes:
    """Read the bytes that a text encodes; hexadecimal digits may be spaced."""
    if not is_text(value):
        blame.append(Wrong(at=at, message=f"expected a text, not {kind_of(value)}"))
        return b""
    text = text_of(value)  # type: ignore[arg-type] # is_text said so
    try:
        return bytes.fromhex(text) if encoding == "hex" else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        blame.append(Wrong(at=at, message=f"not {encoding}: {text!r}"))
        return b""
