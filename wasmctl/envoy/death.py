"""What to say of an Envoy that died, or that does not go on: of what, in which callback."""

import re
import signal

from wasmctl.abi.types import LogLevel
from wasmctl.envoy import hazards, logs, refusals, trace
from wasmctl.envoy.engines.base import Exit
from wasmctl.envoy.journal import Journal
from wasmctl.errors import DeadlineError, EnvoyFailedError, WasmctlError

_EVIDENCE_LINES = 12
_CRASH_LINES = 200
# What V8 writes before it ends the process, in a frame.
_FATAL = re.compile(r"# \S")
_UNKNOWN = "its last lines say why; a crash is often a hostcall that Envoy does not survive"
_KILLED = "somebody ended it, or the system did because memory ran out: see its log (dmesg)"
_OUT_OF_MEMORY = "see whether the plugin's memory grows with each request"


def late(journal: Journal, seconds: float) -> WasmctlError:
    """Return the error for an Envoy that did not get ready: a plugin may not let it."""
    entries = journal.entries()
    return DeadlineError(
        f"Envoy was not ready after {seconds:g} s{_during(entries)}",
        hint="see whether that callback ends: Envoy sets plugins no limit of time"
        if _during(entries)
        else "the machine may be too busy: run the command again",
        details=_evidence(journal, entries),
    )


def died(ended: Exit, journal: Journal, since: int = 0) -> WasmctlError:
    """Return the error for an Envoy that has ended; ``since`` is where the cause may begin."""
    entries = journal.entries(since)
    why = refusals.explained(entries) if ended.code else None
    if why:
        return EnvoyFailedError(why.cause, hint=why.remedy, details=_complaints(entries))
    return EnvoyFailedError(
        f"Envoy {_end(ended)}{_during(entries)}",
        hint=_hint(ended, entries),
        details=_evidence(journal, entries),
    )


def stuck(journal: Journal, since: int = 0) -> WasmctlError:
    """Return the error for an Envoy that lives but does not go on: its plugin may loop."""
    entries = journal.entries(since)
    return EnvoyFailedError(
        f"Envoy does not go on{_during(entries)}",
        hint="see whether that callback ends: Envoy sets plugins no limit of time",
        details=_evidence(journal, entries),
    )


def _end(ended: Exit) -> str:
    if ended.out_of_memory:
        return "ran out of memory"
    if ended.signal:
        return f"died of {signal.Signals(ended.signal).name}"
    return f"ended with code {ended.code}"


def _hint(ended: Exit, entries: tuple[logs.Entry, ...]) -> str:
    if ended.out_of_memory:
        return _OUT_OF_MEMORY
    if ended.signal == signal.SIGKILL:
        return _KILLED
    return (hazards.known(entries) if ended.signal else None) or _UNKNOWN


def _during(entries: tuple[logs.Entry, ...]) -> str:
    callback = trace.last_callback(entries)
    return f"; the last callback was {callback}" if callback else ""


def _evidence(journal: Journal, entries: tuple[logs.Entry, ...]) -> tuple[str, ...]:
    said = [entry.text.partition("\n")[0] for entry in entries if logs.is_telling(entry)]
    if said:
        return tuple(said[-_EVIDENCE_LINES:])
    tail = journal.tail(_CRASH_LINES)
    return tuple(line for line in tail if _FATAL.match(line)) or tail[-_EVIDENCE_LINES:]


def _complaints(entries: tuple[logs.Entry, ...]) -> tuple[str, ...]:
    """Return the plugin's own words, and the first of Envoy's: the rest repeats it."""
    words = [entry.text for entry in entries if entry.text.startswith("wasm log")]
    first = next((entry.text for entry in entries if _is_complaint(entry)), "")
    return (*words[-_EVIDENCE_LINES:], *(line for line in first.splitlines() if line.strip()))


def _is_complaint(entry: logs.Entry) -> bool:
    return entry.level >= LogLevel.ERROR and not entry.text.startswith("wasm log")
