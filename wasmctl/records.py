"""What a plugin did, as the embedded host and the real Envoy both record it."""

from dataclasses import dataclass, field
from enum import StrEnum

from wasmctl.abi.types import LogLevel


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One message of the plugin (``proxy_log``, or a write to standard output or error).

    Attributes:
        plugin: the name of the one that wrote it; empty where nobody can tell.

    """

    level: LogLevel
    text: str
    plugin: str = field(default="", compare=False)


class TrapKind(StrEnum):
    """Why a plugin's code was stopped, in words that no engine's wording can change."""

    UNREACHABLE = "unreachable"
    OUT_OF_BOUNDS = "out_of_bounds"
    STACK_OVERFLOW = "stack_overflow"
    DIVIDE_BY_ZERO = "divide_by_zero"
    INDIRECT_CALL = "indirect_call"
    RESTRICTED_CALLBACK = "restricted_callback"
    FUEL_LIMIT = "fuel_limit"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Trap:
    """A plugin's code ended by the engine.

    Attributes:
        callback: the exported function the host had called: ``proxy_on_request_headers``.
        message: the engine's own words, one line.
        backtrace: the guest's frames, innermost first, with names where the module has them.
        offsets: for each frame, the place of its instruction in the module's file.

    """

    kind: TrapKind
    callback: str
    message: str
    backtrace: tuple[str, ...] = ()
    offsets: tuple[int, ...] = ()
