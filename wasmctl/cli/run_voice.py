"""What ``wasmctl run`` shows of what plugins and Envoy say."""

from wasmctl.abi.types import LogLevel
from wasmctl.cli.output import note
from wasmctl.errors import UsageError
from wasmctl.launch.diary import level_name
from wasmctl.launch.speech import Said


class Voice:
    """Shows what plugins say from a level on, and once the run is ready Envoy's own errors.

    Before that a refusal is told as a whole, and a crash's backtrace tells nobody anything.
    """

    def __init__(self, level: str) -> None:
        names = {one.name.lower(): one for one in LogLevel}
        if level not in names:
            raise UsageError(
                f"--log-level: unknown level {level!r}", hint=f"levels are {', '.join(names)}"
            )
        self._level = names[level]
        self.is_ready = False

    def __call__(self, said: Said) -> None:
        """Show a message, or not."""
        if said.plugin:
            is_shown = said.level >= self._level
        else:
            is_shown = said.level is LogLevel.ERROR and self.is_ready
        if is_shown:
            note(f"{level_name(said.level):<8} {said.plugin or 'envoy'}: {said.text}")
