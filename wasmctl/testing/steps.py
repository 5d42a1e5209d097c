"""What is played in a test: what it says itself, and for the rest the defaults of its file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from wasmctl.outcomes import Outcome
from wasmctl.testing import callback_steps, sendings, step_models
from wasmctl.testing.callback_steps import CallbackStep
from wasmctl.testing.expectation_models import Expectation
from wasmctl.testing.scenario import Defaults, Test
from wasmctl.testing.targets.base import PATIENCE, Ability, Sending, Until


@dataclass(frozen=True, kw_only=True)
class HttpStep:
    """A request through the plugin, or more of one that began before.

    Attributes:
        sending: None where the stream goes on that has begun before.
        patience: nanoseconds.
        since_start: whether the expectation sees all since the plugin's start, not only what this
            stream brought.
        path: the step's place in the scenario, as in ``steps[0]``; empty for a short test's.

    """

    stream: str
    sending: Sending | None
    expectation: Expectation
    until: Until = Until.DONE
    patience: int = PATIENCE
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
    | CallbackStep
    | RepeatStep
)
Steps: TypeAlias = tuple[Step, ...]
Configuration: TypeAlias = Callable[[step_models.ReconfigureStep], bytes]


def no_files(written: step_models.ReconfigureStep) -> bytes:
    """Return a configuration that stands in the scenario file itself."""
    return written.config or b""


def of(test: Test, defaults: Defaults, configuration: Configuration = no_files) -> Steps:
    """Return the steps of a test, after those that come before each.

    ``configuration`` reads the one that a step names.
    """
    reading = _Reading(defaults, configuration)
    before = reading.steps(test.before, "before")
    if test.steps:
        return (*before, *reading.steps(test.steps, "steps"))
    expectation = test.expect or Expectation()
    if test.request is None:
        return (*before, ExpectStep(expectation=expectation))
    own = HttpStep(
        stream="stream",
        sending=sendings.of("stream", test.request, test.reply, defaults),
        expectation=expectation,
        since_start=not before,
    )
    return (*before, own)


def expectations(steps: Steps) -> Iterator[Expectation]:
    """Return what the steps expect, those inside of others too."""
    for step in steps:
        if step.expectation is not None:
            yield step.expectation
        if isinstance(step, RepeatStep):
            yield from expectations(step.steps)


def needs(steps: Steps) -> frozenset[Ability]:
    """Return what the steps need of a target that not every target has."""
    found: set[Ability] = set()
    for step in steps:
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
        for step in steps
    )


def passing(steps: Steps) -> int:
    """Return how many nanoseconds the steps let pass at least."""
    total = 0
    for step in steps:
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


@dataclass(frozen=True)
class _Reading:
    defaults: Defaults
    configuration: Configuration

    def steps(self, written: tuple[step_models.Step, ...], path: str) -> Steps:
        return tuple(self.step(each, f"{path}[{index}]") for index, each in enumerate(written))

    def step(self, written: step_models.Step, path: str) -> Step:
        if written.http:
            return self._http(written.http, path)
        if written.repeat:
            return RepeatStep(
                times=written.repeat.times,
                steps=self.steps(written.repeat.steps, f"{path}.steps"),
                expectation=written.repeat.expect,
                path=path,
            )
        called = callback_steps.of(written, self.defaults, path)
        return (
            called
            or self._change(written, path)
            or ExpectStep(expectation=written.expect or Expectation(), path=path)
        )

    def _http(self, written: step_models.HttpStep, path: str) -> HttpStep:
        stream = written.id or path
        goes_on = written.id is not None and written.request is None
        begun = sendings.of(stream, written.request, written.reply, self.defaults)
        return HttpStep(
            stream=stream,
            sending=None if goes_on else begun,
            expectation=written.expect or Expectation(),
            until=Until(written.until or Until.DONE),
            patience=written.timeout or PATIENCE,
            path=path,
        )

    def _change(self, written: step_models.Step, path: str) -> Step | None:
        if written.answer:
            return _answer(written.answer, path)
        if written.advance:
            wanted = _wanted(written.advance)
            return AdvanceStep(by=written.advance.by, expectation=wanted, path=path)
        if written.reconfigure:
            return ReconfigureStep(
                plugin=written.reconfigure.plugin,
                configuration=self.configuration(written.reconfigure),
                expectation=_wanted(written.reconfigure),
                path=path,
            )
        if written.restart_vm:
            return RestartVmStep(expectation=_wanted(written.restart_vm), path=path)
        if written.cancel:
            return CancelStep(
                stream=written.cancel.stream or "", expectation=_wanted(written.cancel), path=path
            )
        return _shared(written, path)


def _shared(written: step_models.Step, path: str) -> Step | None:
    if written.set:
        data = tuple((key.encode(), value) for key, value in written.set.shared_data.items())
        return SetStep(vm_id=written.set.vm_id, shared_data=data, path=path)
    if written.enqueue:
        return EnqueueStep(
            vm_id=written.enqueue.vm_id,
            queue=written.enqueue.queue,
            data=written.enqueue.data,
            expectation=_wanted(written.enqueue),
            path=path,
        )
    return None


def _answer(written: step_models.AnswerStep, path: str) -> AnswerStep:
    return AnswerStep(
        outcome=sendings.answered(written.reply, written.fail, delay=written.delay),
        expectation=_wanted(written),
        path=path,
        cluster=written.callout.to if written.callout else "",
        number=(written.callout.nth or 1) - 1 if written.callout else 0,
        stream=written.stream or "",
    )


_Judged = (
    step_models.AnswerStep
    | step_models.AdvanceStep
    | step_models.ReconfigureStep
    | step_models.RestartVmStep
    | step_models.CancelStep
    | step_models.EnqueueStep
)


def _wanted(written: _Judged) -> Expectation:
    return written.expect or Expectation()
