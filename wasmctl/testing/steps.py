"""The steps of a test as they are played, and what can be said of them before that."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from wasmctl.outcomes import Outcome
from wasmctl.testing.callback_steps import CallbackStep
from wasmctl.testing.captures import Capture, Captured
from wasmctl.testing.expectation_models import Expectation
from wasmctl.testing.targets.base import PATIENCE, Ability, Sending, Until


@dataclass(frozen=True, kw_only=True)
class HttpStep:
    """A request through the plugin, or more of one that began before.

    Attributes:
        sending: None where the stream goes on that has begun before.
        patience: nanoseconds.
        times: how often it is sent before the first is waited for.
        since_start: whether the expectation sees all since the plugin's start, not only what this
            stream brought.
        path: the step's place in the scenario, as in ``steps[0]``; empty for a short test's.

    """

    stream: str
    sending: Sending | None
    expectation: Expectation
    until: Until = Until.DONE
    patience: int = PATIENCE
    times: int = 1
    since_start: bool = False
    path: str = ""


@dataclass(frozen=True, kw_only=True)
class ExpectStep:
    """Nothing is sent; what was seen is judged."""

    expectation: Expectation
    path: str = ""


@dataclass(frozen=True, kw_only=True)
class AnswerStep:
    """What is held is answered.

    Attributes:
        cluster: whose callout; empty: it is the stream's own upstream that answers.
        number: the callout's among those that are held there, from 0.

    """

    outcome: Outcome
    expectation: Expectation
    path: str
    cluster: str = ""
    number: int = 0
    stream: str = ""


@dataclass(frozen=True, kw_only=True)
class AdvanceStep:
    """Time passes, in nanoseconds."""

    by: int
    expectation: Expectation
    path: str


@dataclass(frozen=True, kw_only=True)
class ReconfigureStep:
    """A plugin, by its name or the only one, gets another configuration."""

    plugin: str | None
    configuration: bytes
    expectation: Expectation
    path: str


@dataclass(frozen=True, kw_only=True)
class RestartVmStep:
    """The plugins begin anew."""

    expectation: Expectation
    path: str


@dataclass(frozen=True, kw_only=True)
class CancelStep:
    """The client gives a stream up."""

    stream: str
    expectation: Expectation
    path: str


@dataclass(frozen=True, kw_only=True)
class SetStep:
    """What plugins share gets other values."""

    vm_id: str
    shared_data: tuple[tuple[bytes, bytes], ...]
    path: str
    expectation: None = None


@dataclass(frozen=True, kw_only=True)
class EnqueueStep:
    """Something arrives in a queue."""

    vm_id: str
    queue: str
    data: bytes
    expectation: Expectation
    path: str


@dataclass(frozen=True, kw_only=True)
class RepeatStep:
    """Steps that are played several times."""

    times: int
    steps: "Steps"
    expectation: Expectation | None
    path: str


@dataclass(frozen=True, kw_only=True)
class CaptureStep:
    """Values are taken from what was seen."""

    captures: tuple[Capture, ...]
    path: str
    expectation: None = None


@dataclass(frozen=True, kw_only=True)
class LateStep:
    """A step that uses what others capture.

    Attributes:
        step: how it reads before that is known.
        read: how it reads then; raises ValueError where it says nothing with it.

    """

    step: "Step"
    read: Callable[[Captured], "Step"]

    @property
    def path(self) -> str:
        """The step's place in the scenario."""
        return self.step.path

    @property
    def expectation(self) -> Expectation | None:
        """What is expected, as far as it is known."""
        return self.step.expectation


Step: TypeAlias = (
    HttpStep
    | ExpectStep
    | AnswerStep
    | AdvanceStep
    | ReconfigureStep
    | RestartVmStep
    | CancelStep
    | SetStep
    | EnqueueStep
    | CaptureStep
    | LateStep
    | CallbackStep
    | RepeatStep
)
Steps: TypeAlias = tuple[Step, ...]


def expectations(steps: Steps) -> Iterator[Expectation]:
    """Return what the steps expect, those inside of others too."""
    for step in map(_known, steps):
        if step.expectation is not None:
            yield step.expectation
        if isinstance(step, RepeatStep):
            yield from expectations(step.steps)


def needs(steps: Steps) -> frozenset[Ability]:
    """Return what the steps need of a target that not every target has."""
    found: set[Ability] = set()
    for step in map(_known, steps):
        match step:
            case SetStep():
                found.add(Ability.SHARED_DATA)
            case EnqueueStep():
                found.add(Ability.QUEUES)
            case CallbackStep():
                found.add(Ability.CALLBACKS)
            case RepeatStep():
                found |= needs(step.steps)
            case _:
                pass
    return frozenset(found)


def changes(steps: Steps) -> bool:
    """Return whether plugins are configured anew, or begin anew, among the steps."""
    return any(
        isinstance(step, ReconfigureStep | RestartVmStep)
        or (isinstance(step, RepeatStep) and changes(step.steps))
        for step in map(_known, steps)
    )


def passing(steps: Steps) -> int:
    """Return how many nanoseconds the steps let pass at least."""
    total = 0
    for step in map(_known, steps):
        match step:
            case AdvanceStep():
                total += step.by
            case HttpStep(sending=Sending() as sending):
                total += sending.origin.delay + sending.gap * len(sending.request.chunks)
            case RepeatStep():
                total += step.times * passing(step.steps)
            case _:
                pass
    return total


def _known(step: Step) -> Step:
    return step.step if isinstance(step, LateStep) else step
