"""Why a module was refused, in words: both machines give the reason as Envoy does."""

from dataclasses import dataclass
from enum import StrEnum

from wasmctl.records import Trap
from wasmctl.testing import grammar, matchers
from wasmctl.testing.blame import Blame
from wasmctl.testing.matchers import Matcher
from wasmctl.testing.operators import Kind
from wasmctl.testing.scalars import Value
from wasmctl.testing.words import one_of


class LoadErrorKind(StrEnum):
    """Why a plugin does not start."""

    CORRUPTED = "corrupted"  # no WebAssembly module, or one that Envoy's engine refuses
    UNKNOWN_ABI = "unknown_abi"  # no proxy_abi_version_* is exported, or none that is known
    MISSING_IMPORT = "missing_import"  # it imports what no host has
    WRONG_SIGNATURE = "wrong_signature"  # of an import, or of an exported callback
    NO_ALLOCATOR = "no_allocator"  # neither proxy_on_memory_allocate nor malloc
    TRAP = "trap"  # it was ended while it started
    REFUSED = "refused"  # it said no: proxy_on_vm_start or proxy_on_configure returned false
    OTHER = "other"


# The beginnings of Envoy's reasons; sources: proxy-wasm-cpp-host src/wasm.cc, src/v8/v8.cc.
_BEGINNINGS = {
    "Failed to parse corrupted Wasm module": LoadErrorKind.CORRUPTED,
    "Failed to load Wasm code": LoadErrorKind.CORRUPTED,
    "Missing or unknown Proxy-Wasm ABI version": LoadErrorKind.UNKNOWN_ABI,
    "Failed to load Wasm module due to a missing import": LoadErrorKind.MISSING_IMPORT,
    "Failed to load Wasm module due to an import type mismatch": LoadErrorKind.WRONG_SIGNATURE,
    "Bad function signature for": LoadErrorKind.WRONG_SIGNATURE,
    "Wasm module is missing malloc function": LoadErrorKind.NO_ALLOCATOR,
    "Failed to create new Wasm instance": LoadErrorKind.TRAP,
    "Function: ": LoadErrorKind.TRAP,
    "Failed to initialize Wasm code": LoadErrorKind.TRAP,
    "Failed to start base Wasm": LoadErrorKind.REFUSED,
    "Failed to configure base Wasm plugin": LoadErrorKind.REFUSED,
}


@dataclass(frozen=True, kw_only=True)
class LoadErrorMatcher:
    """Why a plugin must not start: the kind, the reason's text, or both."""

    kind: LoadErrorKind | None = None
    text: Matcher | None = None


def kind_of(reason: str, trap: Trap | None) -> LoadErrorKind:
    """Return the kind of a reason; where a trap was seen, that is what it was."""
    if trap is not None:
        return LoadErrorKind.TRAP
    found = (kind for start, kind in _BEGINNINGS.items() if reason.startswith(start))
    return next(found, LoadErrorKind.OTHER)


def read(value: Value, blame: Blame) -> LoadErrorMatcher:
    """Read a kind, or a map of operators for the reason's text, with ``kind`` if wanted."""
    if not isinstance(value, dict):
        return LoadErrorMatcher(kind=_kind(value, (), blame))
    rest = {key: item for key, item in value.items() if key != "kind"}
    found = grammar.read_operators(rest, Kind.TEXT, (), blame) if rest or not value else []
    return LoadErrorMatcher(
        kind=_kind(value["kind"], ("kind",), blame) if "kind" in value else None,
        text=matchers.all_of(found) if found else None,
    )


def _kind(value: Value, at: tuple[str, ...], blame: Blame) -> LoadErrorKind:
    return LoadErrorKind(one_of(value, list(LoadErrorKind), at, "why it does not start", blame))
