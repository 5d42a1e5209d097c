"""What a scenario says of the trap that ends the plugin."""

from dataclasses import dataclass

from wasmctl.records import Trap, TrapKind
from wasmctl.testing.blame import Blame, Location, unknown_key
from wasmctl.testing.scalars import Value
from wasmctl.testing.words import callbacks, one_of

KEYS = ("kind", "callback")


@dataclass(frozen=True, kw_only=True)
class TrapMatcher:
    """Whether a trap must end the plugin; what is None may be any.

    Attributes:
        callback: its whole name: ``proxy_on_request_headers``.

    """

    is_expected: bool
    kind: TrapKind | None = None
    callback: str | None = None

    @property
    def words(self) -> str:
        """What must be, for a sentence."""
        if not self.is_expected:
            return "none"
        where = f" in {self.callback}" if self.callback else ""
        return f"{self.kind or 'a trap'}{where}"

    def is_like(self, trap: Trap) -> bool:
        """Tell whether a trap is the one that is meant."""
        return self.kind in {None, trap.kind} and self.callback in {None, trap.callback}


NO_TRAP = TrapMatcher(is_expected=False)


def read(value: Value, blame: Blame) -> TrapMatcher:
    """Read whether a trap is expected: true, false, its kind, or a map of kind and callback."""
    if isinstance(value, bool):
        return TrapMatcher(is_expected=value)
    if not isinstance(value, dict):
        return TrapMatcher(is_expected=True, kind=_kind(value, (), blame))
    for key in value.keys() - set(KEYS):
        blame.append(unknown_key((key,), list(KEYS)))
    return TrapMatcher(
        is_expected=True,
        kind=_kind(value["kind"], ("kind",), blame) if "kind" in value else None,
        callback=_callback(value["callback"], blame) if "callback" in value else None,
    )


def _kind(value: Value, at: Location, blame: Blame) -> TrapKind:
    return TrapKind(one_of(value, list(TrapKind), at, "true, false or a kind of trap", blame))


def _callback(value: Value, blame: Blame) -> str:
    known = callbacks()
    return known[one_of(value, known, ("callback",), "a callback", blame)]
