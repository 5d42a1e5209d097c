"""Durations as a scenario writes them: ``10ms``, ``1.5s``, ``2m``; a bare number has no unit."""

import re

from wasmctl.testing.blame import Blame, Wrong, kind_of
from wasmctl.testing.scalars import Value

_FORM = re.compile(r"([0-9]+(?:\.[0-9]+)?)(us|ms|s|m|h)")
_NANOSECONDS = {
    "us": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
PATTERN = r"^[0-9]+(\.[0-9]+)?(us|ms|s|m|h)$"
# The clock counts nanoseconds in 64 bits.
_MOST = 100 * 365 * 24 * 3_600_000_000_000


def read(value: Value, blame: Blame) -> int:
    """Read a duration as nanoseconds."""
    found = _FORM.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        shown = repr(value) if isinstance(value, str) else kind_of(value)
        message = f"expected a duration such as 10ms, 1.5s, 2m or 1h, not {shown}"
        blame.append(Wrong(at=(), message=message))
        return 0
    nanoseconds = float(found[1]) * _NANOSECONDS[found[2]]
    if nanoseconds > _MOST:
        blame.append(Wrong(at=(), message="that is more than a hundred years"))
        return 0
    return round(nanoseconds)


def shown(nanoseconds: int) -> str:
    """Return a duration as people write it: in the largest unit that leaves it whole."""
    for unit in ("h", "m", "s", "ms"):
        if nanoseconds and nanoseconds % _NANOSECONDS[unit] == 0:
            return f"{nanoseconds // _NANOSECONDS[unit]}{unit}"
    return f"{nanoseconds / _NANOSECONDS['ms']:g}ms"
