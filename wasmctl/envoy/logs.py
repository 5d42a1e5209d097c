r"""Envoy's log lines: which are the plugin's own, which tell of a trap, which are Envoy's.

Envoy is started with the format ``%l|%n|%t|%v`` and ``--log-format-escaped``: one physical line
per message, C escapes in its text (``\n``, ``\'``, bytes above 127 in octal). A plugin's messages
begin as Envoy's ``source/extensions/common/wasm/context.cc`` says (``Context::log``).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from wasmctl.abi.types import LogLevel
from wasmctl.records import LogLine, Trap, TrapKind

FORMAT = "%l|%n|%t|%v"

_LEVELS = {
    "trace": LogLevel.TRACE,
    "debug": LogLevel.DEBUG,
    "info": LogLevel.INFO,
    "warning": LogLevel.WARN,
    "error": LogLevel.ERROR,
    "critical": LogLevel.CRITICAL,
}
_FIELDS = 4
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_CONTROL = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_TRAP = re.compile(r"Function: (\S+) failed: ([^\n]*)(?:\n[^\n]*backtrace:\n(.*))?", re.DOTALL)
_FRAME = re.compile(r"^ *\d+: +0x([0-9a-f]+) - (.*)$", re.MULTILINE)
_STREAM = re.compile(r'\[Tags: "ConnectionId":"\d+","StreamId":"(\d+)"\] (.*)')
_LOCAL_REPLY = re.compile(r"(?:Preparing|Sending) local reply with details (\S*)")
_NAMELESS = re.compile(r"unknown\(function index:(\d+)\)")

# V8's words (src/common/message-template.h) for each kind; a null table entry and a wrong
# signature are one message.
_TRAP_KINDS = {
    "unreachable": TrapKind.UNREACHABLE,
    "memory access out of bounds": TrapKind.OUT_OF_BOUNDS,
    "Maximum call stack size exceeded": TrapKind.STACK_OVERFLOW,
    "divide by zero": TrapKind.DIVIDE_BY_ZERO,
    "remainder by zero": TrapKind.DIVIDE_BY_ZERO,
    "function signature mismatch": TrapKind.INDIRECT_CALL,
    "table index is out of bounds": TrapKind.INDIRECT_CALL,
    "restricted_callback": TrapKind.RESTRICTED_CALLBACK,
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One message of Envoy's log.

    Attributes:
        component: the part of Envoy that wrote it: ``wasm``, ``upstream``.
        thread: the thread's number; the main thread's is the process's.

    """

    level: LogLevel
    component: str
    thread: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Identity:
    """How Envoy names a plugin in front of each of its messages."""

    name: str
    root_id: str
    vm_id: str

    @property
    def prefixes(self) -> tuple[str, str]:
        """The beginnings of its messages: from a stream, and from a plugin context."""
        plugin_context = "".join(f" {part}" for part in (self.root_id, self.vm_id) if part)
        return f"wasm log {self.name}{plugin_context}: ", f"wasm log{plugin_context}: "


def entry(line: str) -> Entry | None:
    """Read one line; None where it is none in the format (Envoy's last words in a crash)."""
    fields = line.rstrip("\n").split("|", _FIELDS - 1)
    if len(fields) < _FIELDS or fields[0] not in _LEVELS or not fields[2].isdigit():
        return None
    level, component, thread, text = fields
    if component == "http":  # its other lines are the headers, which nobody reads here
        text = text.partition("\\n")[0]
    return Entry(
        level=_LEVELS[level], component=component, thread=int(thread), text=_unescaped(text)
    )


def _unescaped(text: str) -> str:
    # Quotes are what most lines have; no other escape ends with one.
    text = text.replace('\\"', '"').replace("\\'", "'")
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_unescape, text.encode()).decode(errors="replace")


def _unescape(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes((int(code, 8),)) if code.isdigit() else _CONTROL.get(code, code)


def plugin_lines(entries: Iterable[Entry], identity: Identity) -> tuple[LogLine, ...]:
    """Return a plugin's own messages, in order."""
    found = []
    for written in entries:
        prefix = next((start for start in identity.prefixes if written.text.startswith(start)), "")
        if prefix and written.component == "wasm":
            text = written.text.removeprefix(prefix)
            found.append(LogLine(level=written.level, text=text, plugin=identity.name))
    return tuple(found)


def response_details(entries: Iterable[Entry]) -> tuple[str | None, ...]:
    """Return why each response is what it is, in the order of the requests; None: there is none.

    As ``response.code_details`` has it; source: Envoy's source/common/http/filter_manager.cc and
    conn_manager_impl.cc, at level debug.
    """
    found: dict[str, str | None] = {}
    for written in entries:
        told = _STREAM.match(written.text) if written.component == "http" else None
        if told is None:
            continue
        stream, words = told.groups()
        found.setdefault(stream, None)
        if local := _LOCAL_REPLY.match(words):
            found[stream] = local[1]
        elif words.startswith("encoding headers via codec") and found[stream] is None:
            found[stream] = "via_upstream"
    return tuple(found.values())


def trap(entries: Iterable[Entry]) -> Trap | None:
    """Return the first trap that the entries tell of."""
    for written in entries:
        found = _TRAP.match(written.text) if written.component == "wasm" else None
        if found:
            frames = _FRAME.findall(found[3] or "")
            return Trap(
                kind=trap_kind(found[2]),
                callback=found[1],
                message=found[2],
                backtrace=tuple(_NAMELESS.sub(r"function[\1]", name) for _, name in frames),
                offsets=tuple(int(offset, 16) for offset, _ in frames),
            )
    return None


def trap_kind(message: str) -> TrapKind:
    """Return the kind of a trap from V8's words for it."""
    found = (kind for words, kind in _TRAP_KINDS.items() if message.endswith(words))
    return next(found, TrapKind.OTHER)


# What complains without being a reason: the plugin's own messages, a hostcall that it may not make.
_NO_REASON = ("wasm log", "Attempted call to restricted proxy-wasm capability")


def refusal(entries: Iterable[Entry]) -> str | None:
    """Return why Envoy did not take a plugin: its first complaint, one line, or None.

    The first is the cause; those after it say what followed.
    """
    for written in entries:
        complains = written.level >= LogLevel.ERROR and written.component == "wasm"
        if complains and not written.text.startswith(_NO_REASON):
            return written.text.partition("\n")[0].removeprefix("Wasm VM failed ")
    return None


def is_telling(written: Entry) -> bool:
    """Return whether a message helps to see why Envoy failed: by or about a plugin, or an error.

    The addresses of a crash's backtrace tell nothing, nor does the number of VMs.
    """
    if written.component == "wasm":
        return written.level is not LogLevel.DEBUG or written.text.startswith("wasm log")
    return written.level >= LogLevel.ERROR and written.component != "backtrace"
