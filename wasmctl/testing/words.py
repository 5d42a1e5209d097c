"""The short words of a scenario for what the specification names at length."""

from collections.abc import Iterable

from wasmctl import spelling
from wasmctl.abi.callbacks import ALLOCATORS, CALLBACKS, START_FUNCTIONS
from wasmctl.abi.types import AbiVersion
from wasmctl.testing.blame import Blame, Location, Wrong

_PREFIX = "proxy_on_"
NEVER = "never"
_PARTS = ("headers", "body", "trailers")
# Where a stream can be stopped; `request` and `response` mean any callback of that side.
PAUSES = (
    *(f"{side}_{part}" for side in ("request", "response") for part in _PARTS),
    *("request", "response", NEVER),
)


def callback_word(name: str) -> str:
    """Return ``request_headers`` for ``proxy_on_request_headers``."""
    return name.removeprefix(_PREFIX)


def callbacks() -> dict[str, str]:
    """Return all functions of a plugin that a host calls, by their words."""
    names = (*CALLBACKS[AbiVersion.V0_2_1], *START_FUNCTIONS, *ALLOCATORS)
    return {callback_word(name): name for name in names}


def one_of(value: object, known: Iterable[str], at: Location, what: str, blame: Blame) -> str:
    """Read a word that must be among those known."""
    names = list(known)
    if isinstance(value, str) and value in names:
        return str(value)
    rest = spelling.suggestion(str(value), names)
    blame.append(Wrong(at=at, message=f"expected {what}; {rest}"))
    return names[0]
