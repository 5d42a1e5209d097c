"""What a mistyped word was probably meant to be."""

import difflib
import functools
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word closest to ``word``, or None if none is near."""
    return _nearest(word, tuple(known))


@functools.lru_cache(maxsize=1 << 15)
def _nearest(word: str, known: tuple[str, ...]) -> str | None:
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return found[0] if found else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """Offer the nearest known word or, failing that, all of them in their order."""
    names = list(known)
    near = nearest(word, names)
    return f"did you mean {near!r}?" if near else f"known are {', '.join(names)}"


def unknown(word: str, known: Iterable[str]) -> str:
    """Say that a key is unknown, with the nearest known one or, failing that, all of them."""
    return f"unknown key {word!r}; {suggestion(word, sorted(known))}"
