"""The course of one test: its steps played in order, and each judged by what it brought.

An expectation inside a step sees what was seen since the step began, and one in a stream that goes
on, since the stream began; one that stands alone, or in a short test, all since the plugin's start.
Metrics mean the test as a whole everywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from wasmctl.testing import captures, expect
from wasmctl.testing.callback_steps import CallbackStep
from wasmctl.testing.callbacks import Callback
from wasmctl.testing.checks import callbacks
from wasmctl.testing.expectation_models import Expectation
from wasmctl.testing.mismatch import Mismatch
from wasmctl.testing.observation import Aspect, Observation, since
from wasmctl.testing.steps import (
    AdvanceStep,
    AnswerStep,
    CancelStep,
    CaptureStep,
    EnqueueStep,
    ExpectStep,
    HttpStep,
    LateStep,
    ReconfigureStep,
    RepeatStep,
    RestartVmStep,
    SetStep,
    Step,
    Steps,
)
from wasmctl.testing.targets.base import Sending, Session, Until


@dataclass(frozen=True, kw_only=True)
class Played:
    """What came of a test: what was not as expected, all that was seen, and how it was played."""

    mismatches: tuple[Mismatch, ...]
    observation: Observation
    notes: tuple[str, ...] = ()


def play(steps: Steps, session: Session, sees: frozenset[Aspect]) -> Played:
    """Play the steps of a test.

    A plugin that did not start though it should have, and a step that is repeated and fails, end
    it: what follows would tell the same once more.
    """
    course = _Course(session, sees)
    mismatches = list(course.play(steps))
    if not mismatches and course.seen().configured:
        mismatches = [_unused(place) for place in session.upstreams.unused()]
    return Played(mismatches=tuple(mismatches), observation=course.seen(), notes=session.notes())


def _unused(place: str) -> Mismatch:
    return Mismatch(path=place, expected="a callout that meets this rule", seen="none")


@dataclass
class _Course:
    """A test that is being played.

    Attributes:
        last: what was seen until now, if it was asked for.
        began: what had been seen when a stream began; None: it sees all.
        captured: values that steps have taken, by name.
        unmatched: how many callouts without a rule were told of.
        refusal: why the plugin did not take what the step that is played gave it.

    """

    session: Session
    sees: frozenset[Aspect]
    last: Observation | None = None
    began: dict[str, Observation | None] = field(default_factory=dict)
    captured: dict[str, str] = field(default_factory=dict)
    unmatched: int = 0
    refusal: str | None = None

    def seen(self) -> Observation:
        if self.last is None:
            self.last = self.session.observation()
        return self.last

    def play(self, steps: Steps) -> Iterator[Mismatch]:
        for step in steps:
            found = tuple(self._play(step))
            # What nobody answered is why the rest is not as expected.
            yield from self._without_rule(step.path)
            yield from found
            if not self.seen().configured:
                return

    def _play(self, step: Step) -> Iterator[Mismatch]:
        match step:
            case HttpStep():
                yield from self._http(step)
            case ExpectStep():
                yield from self._judged(step.path, step.expectation, self.seen())
            case RepeatStep():
                yield from self._repeat(step)
            case CaptureStep():
                yield from self._capture(step)
            case LateStep():
                yield from self._late(step)
            case CallbackStep():
                yield from self._callback(step)
            case _:
                yield from self._change(step)

    def _callback(self, step: CallbackStep) -> Iterator[Mismatch]:
        """Call the plugin once, and judge what it made of it and what it brought."""
        before = None if step.called.callback is Callback.START else self.seen()
        seen = self.session.callback(step.called)
        self.last = None
        if self.seen().configured:
            found = callbacks.callback(step.expectation, seen)
            yield from (replace(one, path=f"{step.path}.{one.path}") for one in found)
        yield from self._judged(step.path, step.expectation, since(before, self.seen()))

    def _capture(self, step: CaptureStep) -> Iterator[Mismatch]:
        for capture in step.captures:
            found = captures.take(capture, self.seen())
            if found is None:
                path = f"{step.path}.capture.{capture.name}"
                yield Mismatch(path=path, expected=f"something in {capture.source}", seen="nothing")
            else:
                self.captured[capture.name] = found

    def _late(self, step: LateStep) -> Iterator[Mismatch]:
        try:
            known = step.read(self.captured)
        except ValueError as error:
            told = str(error).splitlines()
            wanted = "a step that can be played with what was captured"
            yield Mismatch(path=step.path, expected=wanted, seen=" ".join(told))
        else:
            yield from self._play(known)

    def _http(self, step: HttpStep) -> Iterator[Mismatch]:
        if step.sending and step.times > 1:
            yield from self._at_once(step, step.sending)
            return
        if step.sending:
            self.began[step.stream] = None if step.since_start else self.seen()
            self.session.send(step.sending)
        reached = self.session.wait(step.stream, step.until, step.patience)
        seen = self.session.observation(step.stream)
        # Without a name, an observation is of the stream that was begun last.
        self.last = seen if step.sending else None
        own = _of_stream(since(self.began.get(step.stream), seen))
        is_done = step.until is Until.DONE
        if not reached and not is_done and seen.configured:
            path = f"{step.path}.until"
            yield Mismatch(path=path, expected=step.until, seen=_instead(seen))
        yield from self._judged(step.path, step.expectation, own, requested=is_done)

    def _at_once(self, step: HttpStep, sending: Sending) -> Iterator[Mismatch]:
        """Send a request several times before one of them is waited for."""
        before = self.seen()
        each = [replace(sending, stream=f"{step.stream} {n}") for n in range(1, step.times + 1)]
        self.session.send(*each)
        self.session.wait_for_all([one.stream for one in each], step.patience)
        self.last = None
        yield from self._together(step, since(before, self.seen()))

    def _together(self, step: HttpStep, new: Observation) -> Iterator[Mismatch]:
        """Judge what each client got, up to the first that got something else."""
        if isinstance(step.expectation.client, tuple) or not new.clients:
            yield from self._judged(step.path, step.expectation, new, requested=True)
            return
        for number, client in enumerate(new.clients, 1):
            own = replace(new, client=client, clients=(client,))
            found = tuple(self._judged(step.path, step.expectation, own, requested=True))
            yield from (replace(one, path=f"{one.path} (request {number})") for one in found)
            if found:
                return

    def _change(self, step: Step) -> Iterator[Mismatch]:
        """Play a step that changes something, and judge what it brought."""
        before = self.seen()
        if not before.configured:
            return
        self.refusal = None
        yield from self._act(step)
        self.last = None
        if step.expectation is not None:
            new = since(before, self.seen())
            if self.refusal is not None:
                new = replace(new, configured=False, load_error=self.refusal)
            yield from self._judged(step.path, step.expectation, new)

    def _act(self, step: Step) -> Iterator[Mismatch]:
        match step:
            case AnswerStep():
                yield from self._answer(step)
            case AdvanceStep():
                self.session.advance(step.by)
            case ReconfigureStep():
                self.refusal = self.session.reconfigure(step.plugin, step.configuration)
            case RestartVmStep():
                self.session.restart_vm()
            case CancelStep():
                self.session.cancel(step.stream)
            case SetStep():
                self._set(step)
            case EnqueueStep():
                yield from self._enqueue(step)
            case _:
                pass

    def _set(self, step: SetStep) -> None:
        for key, value in step.shared_data:
            self.session.set_shared_data(step.vm_id, key, value)

    def _answer(self, step: AnswerStep) -> Iterator[Mismatch]:
        if step.cluster:
            is_answered = self.session.answer_callout(step.cluster, step.number, step.outcome)
            wanted = f"a callout to {step.cluster} that is held"
        else:
            is_answered = self.session.answer_stream(step.stream, step.outcome)
            wanted = f"a request of stream {step.stream} that the upstream holds"
        if not is_answered:
            yield Mismatch(path=f"{step.path}.answer", expected=wanted, seen="none")

    def _enqueue(self, step: EnqueueStep) -> Iterator[Mismatch]:
        if not self.session.enqueue(step.vm_id, step.queue, step.data):
            wanted = f"a queue {step.queue} that a plugin has registered"
            yield Mismatch(path=f"{step.path}.enqueue", expected=wanted, seen="none")

    def _repeat(self, step: RepeatStep) -> Iterator[Mismatch]:
        before = self.seen()
        for number in range(1, step.times + 1):
            found = tuple(self.play(step.steps))
            yield from (replace(one, path=f"{one.path} (run {number})") for one in found)
            if found:
                return
        if step.expectation is not None:
            yield from self._judged(step.path, step.expectation, since(before, self.seen()))

    def _without_rule(self, path: str) -> Iterator[Mismatch]:
        new = self.session.upstreams.unmatched[self.unmatched :]
        self.unmatched += len(new)
        for words in new:
            at = f"{path}.callouts" if path else "callouts"
            yield Mismatch(path=at, expected="a rule for each in upstreams", seen=words)

    def _judged(
        self,
        path: str,
        expectation: Expectation,
        observation: Observation,
        *,
        requested: bool = False,
    ) -> Iterator[Mismatch]:
        found = expect.judge(expectation, observation, self.sees, requested=requested)
        prefix = f"{path}." if path else ""
        yield from (replace(one, path=f"{prefix}{one.path}") for one in found)


def _of_stream(seen: Observation) -> Observation:
    return replace(seen, clients=(seen.client,)) if len(seen.clients) > 1 else seen


def _instead(seen: Observation) -> str:
    if seen.client and seen.client.complete:
        return "the end of the answer"
    return "an open stream that no plugin has stopped"
