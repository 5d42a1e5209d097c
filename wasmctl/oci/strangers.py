"""Words that come from strangers: registries, manifests, archives."""

_LONGEST = 400


def printable(text: str) -> str:
    """Return a stranger's words as they can be shown: they must not steer the terminal."""
    shown = "".join(sign if sign.isprintable() else "?" for sign in text)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
