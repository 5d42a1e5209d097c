r"""Regular expressions, in the syntax and with the meaning of RE2, which proxies use.

RE2 matches in time that grows with the text alone, so no expression that an author writes, and no
text that a plugin makes, can hang a run. It works on bytes: what is not UTF-8 is matched by
nothing. Only here is RE2's module known.
"""

from dataclasses import dataclass
from typing import Any

from wasmctl.testing.octets import as_bytes, as_text

# Memory of one expression. What it does not hold is matched in steps of as many as the expression
# has parts, for each byte of the text; so those must not be many, either.
_MEMORY = 8 << 20
_MOST_PARTS = 5000


class PatternError(ValueError):
    """A regular expression that RE2 does not read."""


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A regular expression ready to use, and how it was written."""

    text: str
    compiled: Any

    def matches(self, text: str) -> bool:
        """Tell whether it describes the whole text."""
        return self.compiled.fullmatch(as_bytes(text)) is not None

    def is_in(self, text: str) -> bool:
        """Tell whether it describes some part of the text."""
        return self.compiled.search(as_bytes(text)) is not None

    def part(self, text: str) -> str | None:
        """Return what its first group fits, or all of it; None where nothing fits."""
        found = self.compiled.search(as_bytes(text))
        if found is None:
            return None
        return as_text(found.group(1 if self.compiled.groups else 0) or b"")


def compile_pattern(text: str, *, ignore_case: bool = False, captures: bool = False) -> Pattern:
    """Return a regular expression ready to use; ``captures`` where its parts are asked for.

    Raises PatternError with the reason.
    """
    import re2  # noqa: PLC0415 - it takes 40 ms, which only files with expressions must pay

    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.max_mem = _MEMORY
    options.log_errors = False
    options.never_capture = not captures  # whether it matches is answered sooner
    try:
        compiled = re2.compile(as_bytes(text), options=options)
    except re2.error as error:
        raise PatternError(_words(error)) from error
    if compiled.programsize > _MOST_PARTS:
        raise PatternError(f"too large: {compiled.programsize:,} parts of at most {_MOST_PARTS:,}")
    return Pattern(text=text, compiled=compiled)


def _words(error: Exception) -> str:
    reason = error.args[0]
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
