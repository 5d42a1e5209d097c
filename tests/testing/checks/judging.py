"""An expectation as text, judged against an observation."""

from pathlib import Path

from wasmctl.testing import expect, source
from wasmctl.testing.expectation_models import Expectation
from wasmctl.testing.observation import Aspect, Observation

EVERYTHING = frozenset(Aspect)


def expectation(written: str) -> Expectation:
    document = source.read(written.encode(), Path("expect"))
    return Expectation.model_validate(document.value)


def judged(
    written: str,
    seen: Observation,
    sees: frozenset[Aspect] = EVERYTHING,
    *,
    requested: bool = False,
) -> list[str]:
    found = expect.judge(expectation(written), seen, sees, requested=requested)
    return [str(mismatch) for mismatch in found]
