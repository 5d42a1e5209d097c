"""How the plugin started, ended and waited."""

from collections.abc import Iterator

from wasmctl.records import Trap
from wasmctl.testing import load_errors
from wasmctl.testing.expectation_models import Expectation
from wasmctl.testing.mismatch import Mismatch, compare, number
from wasmctl.testing.observation import Observation
from wasmctl.testing.quoting import quoted
from wasmctl.testing.words import NEVER, callback_word


def is_refusal_expected(expectation: Expectation) -> bool:
    """Whether the plugin must not start."""
    return expectation.configured is False or expectation.load_error is not None


def configured(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge whether the plugin started."""
    expected = not is_refusal_expected(expectation)
    if observation.configured != expected:
        seen = _word(observation.configured)
        yield Mismatch(path="configured", expected=_word(expected), seen=seen)


def _word(flag: bool) -> str:  # noqa: FBT001 - the flag is the value
    return str(flag).lower()


def load_error(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge why the plugin did not start."""
    wanted, reason = expectation.load_error, observation.load_error
    if wanted is None or reason is None:
        return
    kind = load_errors.kind_of(reason, observation.trap)
    if wanted.kind is not None and wanted.kind is not kind:
        yield Mismatch(path="load_error", expected=wanted.kind, seen=f"{kind} ({quoted(reason)})")
    else:
        yield from compare("load_error", wanted.text, (reason,))


def trap(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge what ended the plugin."""
    wanted, found = expectation.trap, observation.trap
    # A start that traps is a trap, and a load error of that name expects it.
    error = expectation.load_error
    if not wanted.is_expected and error and error.kind is load_errors.LoadErrorKind.TRAP:
        return
    if wanted.is_expected and found and wanted.is_like(found):
        return
    if wanted.is_expected or found:
        yield Mismatch(path="trap", expected=wanted.words, seen=_trap(found))


def _trap(found: Trap | None) -> str:
    return f"{found.kind} in {found.callback}" if found else "none"


def paused_at(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge where the stream stopped for good."""
    wanted = expectation.paused_at
    if wanted is None:
        return
    seen = callback_word(observation.paused_at) if observation.paused_at else NEVER
    # `request` and `response` mean any callback of that side.
    if seen != wanted and seen.partition("_")[0] != wanted:
        yield Mismatch(path="paused_at", expected=wanted, seen=seen)


def tick_period(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge how often the plugin wants to be woken."""
    return number("tick_period", expectation.tick_period, observation.tick_period)
