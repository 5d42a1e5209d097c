r"""Regular expressions in the common part of RE2, which proxies use, and Python, which judges here.

What only one of the two understands, or understands differently, is refused: look-around,
back-references, possessive repetition, ``[[:alpha:]]``. ``\d``, ``\s`` and ``\w`` are ASCII, ``.``
is anything but a newline unless ``(?s)`` stands before it, and ``$`` is the very end.
"""

import re
import warnings

_PARTS = re.compile(
    r"""
      (?P<escape> \\. )
    | (?P<class> \[\^?\]?(?:\\.|[^\]\\])*\] )
    | (?P<group> \(\?(?:[=!>(\#]|<[=!]|P=|[a-zA-Z-]*[aLux]) )
    | (?P<repeat> [*+?}]\+ | \{, )
    | (?P<end> \$ )
    """,
    re.VERBOSE | re.DOTALL,
)
_MULTILINE = re.compile(r"\(\?[a-zA-Z]*m")
_PYTHON_ESCAPES = frozenset("123456789ZuUN")


class PatternError(ValueError):
    """A regular expression that RE2 and Python do not both read, and read the same."""


def compile_pattern(text: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """Return a regular expression ready to use.

    Raises PatternError with the reason.
    """
    lines_end = bool(_MULTILINE.search(text))
    translated = _PARTS.sub(lambda part: _translate(part, lines_end=lines_end), text)
    flags = re.ASCII | (re.IGNORECASE if ignore_case else re.NOFLAG)
    try:
        with warnings.catch_warnings():
            # Python warns of classes whose meaning it may change one day.
            warnings.simplefilter("ignore", FutureWarning)
            return re.compile(translated, flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternError(str(error)) from error


def _translate(part: re.Match[str], *, lines_end: bool) -> str:
    text = part[0]
    refused = (
        part.lastgroup in {"group", "repeat"}
        or (part.lastgroup == "escape" and text[1] in _PYTHON_ESCAPES)
        or (part.lastgroup == "class" and "[:" in text)
    )
    if refused:
        raise PatternError(f"{text} is not in the common part of RE2 and Python")
    return r"\Z" if part.lastgroup == "end" and not lines_end else text
