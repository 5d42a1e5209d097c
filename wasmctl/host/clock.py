"""A clock that moves when told, so that two runs of anything see the same times."""

_SECOND = 1_000_000_000
_START = 1_767_225_600 * _SECOND  # 2026-01-01T00:00:00Z
_UPTIME = _SECOND  # not zero, which Go's runtime takes for a clock that is missing


class Clock:
    """The time of day and a time since the start, in nanoseconds; both stand still until told."""

    def __init__(self, start: int = _START) -> None:
        self._start = start
        self.nanoseconds = start

    @property
    def monotonic(self) -> int:
        """Nanoseconds since the machine came up, a second before the clock was made."""
        return self.nanoseconds - self._start + _UPTIME

    @property
    def seconds(self) -> int:
        """Whole seconds since 1970."""
        return self.nanoseconds // _SECOND

    def advance(self, nanoseconds: int) -> None:
        """Move on."""
        self.nanoseconds += nanoseconds
