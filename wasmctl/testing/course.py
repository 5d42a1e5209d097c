"""The course of one test: its steps played in order, and each judged by what it brought.

An expectation inside a step sees what was seen since the step began; one that stands alone, or in
a short test, all since the plugin's start. Metrics mean the test as a whole everywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from wasmctl.testing import expect
from wasmctl.testing.expect import Mismatch
from wasmctl.testing.expectation_models import Expectation
from wasmctl.testing.observation import Aspect, Observation, since
from wasmctl.testing.steps import ExpectStep, HttpStep, RepeatStep, Steps
from wasmctl.testing.targets.base import Session


@dataclass(frozen=True, kw_only=True)
class Played:
    """What came of a test: what was not as expected, and all that was seen."""

    mismatches: tuple[Mismatch, ...]
    observation: Observation


def play(steps: Steps, session: Session, sees: frozenset[Aspect]) -> Played:
    """Play the steps of a test.

    A plugin that did not start though it should have, and a step that is repeated and fails, end
    it: what follows would tell the same once more.
    """
    course = _Course(session, sees)
    mismatches = tuple(course.play(steps))
    return Played(mismatches=mismatches, observation=course.seen())


@dataclass
class _Course:
    """A test that is being played; ``last`` is what was seen until now, if it was asked for."""

    session: Session
    sees: frozenset[Aspect]
    last: Observation | None = None
    requested: bool = field(default=False)

    def seen(self) -> Observation:
        if self.last is None:
            self.last = self.session.observation()
        return self.last

    def play(self, steps: Steps) -> Iterator[Mismatch]:
        for step in steps:
            yield from self._play(step)
            if not self.seen().configured:
                return

    def _play(self, step: HttpStep | ExpectStep | RepeatStep) -> Iterator[Mismatch]:
        match step:
            case HttpStep():
                yield from self._exchange(step)
            case ExpectStep():
                yield from self._judged(step.path, step.expectation, self.seen())
            case RepeatStep():
                yield from self._repeat(step)

    def _exchange(self, step: HttpStep) -> Iterator[Mismatch]:
        before = None if step.since_start else self.seen()
        self.session.exchange(step.request, step.reply)
        self.last, self.requested = None, True
        yield from self._judged(step.path, step.expectation, since(before, self.seen()))

    def _repeat(self, step: RepeatStep) -> Iterator[Mismatch]:
        before = self.seen()
        for number in range(1, step.times + 1):
            found = tuple(self.play(step.steps))
            yield from (replace(one, path=f"{one.path} (run {number})") for one in found)
            if found:
                return
        if step.expectation is not None:
            yield from self._judged(step.path, step.expectation, since(before, self.seen()))

    def _judged(
        self, path: str, expectation: Expectation, observation: Observation
    ) -> Iterator[Mismatch]:
        found = expect.judge(expectation, observation, self.sees, requested=self.requested)
        prefix = f"{path}." if path else ""
        yield from (replace(one, path=f"{prefix}{one.path}") for one in found)
