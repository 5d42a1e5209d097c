"""Of all that an Envoy writes: what its plugins say, and what it says itself.

A plugin starts in several VMs: a rehearsal and a copy on the main thread, and one on each worker,
and each says the same. What counts is said where the plugin works: on the workers; a service works
on the main thread, after the rehearsal.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from wasmctl.abi.types import LogLevel
from wasmctl.envoy import logs
from wasmctl.envoy.logs import Entry, Identity

_REHEARSAL_BEGINS = "Base Wasm created"
_VM_ENDS = "~Wasm "
_TRACE, _SPOKEN = "trace|wasm|", "|wasm log"
# Where a message's text begins at the latest.
_HEAD = 40


@dataclass(frozen=True, kw_only=True)
class Speaker:
    """A plugin, and the identity that Envoy gives its messages."""

    identity: Identity
    is_service: bool = False


@dataclass(frozen=True, kw_only=True)
class Said:
    """A message.

    Attributes:
        plugin: the name of the plugin that said it; None: Envoy itself.

    """

    plugin: str | None
    level: LogLevel
    text: str


class Listener:
    """Sorts the lines of one Envoy."""

    def __init__(self, speakers: Sequence[Speaker]) -> None:
        self._speakers = speakers
        self._main_thread = 0
        self._is_rehearsal = False

    def said(self, line: str) -> Said | None:
        """Return what a line says; None where it is a trace, or said elsewhere as well."""
        if line.startswith(_TRACE) and _SPOKEN not in line[:_HEAD]:
            return None  # most lines are: each callback and hostcall
        entry = logs.entry(line)
        if entry is None:
            return None
        self._main_thread = self._main_thread or entry.thread
        if entry.component == "wasm":
            return self._of_plugin(entry)
        if entry.level <= LogLevel.DEBUG:
            return None
        return Said(plugin=None, level=entry.level, text=entry.text)

    def _of_plugin(self, entry: Entry) -> Said | None:
        on_main = entry.thread == self._main_thread
        if on_main:
            self._note(entry.text)
        for speaker in self._speakers:
            found = logs.plugin_lines([entry], speaker.identity)
            if found:
                if on_main and (self._is_rehearsal or not speaker.is_service):
                    return None
                name = speaker.identity.name
                return Said(plugin=name, level=found[0].level, text=found[0].text)
        if entry.level >= LogLevel.WARN:
            return Said(plugin=None, level=entry.level, text=entry.text)
        return None

    def _note(self, text: str) -> None:
        if text.startswith(_REHEARSAL_BEGINS):
            self._is_rehearsal = True
        elif text.startswith(_VM_ENDS):
            self._is_rehearsal = False
