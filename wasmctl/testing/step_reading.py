"""The steps of a test, read: what it says itself, and for the rest the defaults of its file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from wasmctl.testing import callback_steps, captures, scenario, sendings, step_models
from wasmctl.testing.captures import Captured
from wasmctl.testing.expectation_models import Expectation
from wasmctl.testing.neighbours import Neighbours
from wasmctl.testing.scalars import Value
from wasmctl.testing.scenario import Defaults, Test
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
from wasmctl.testing.targets.base import NEW_CONNECTION, PATIENCE, Until

Configuration: TypeAlias = Callable[[step_models.ReconfigureStep], bytes]


def no_files(written: step_models.ReconfigureStep) -> bytes:
    """Return a configuration that stands in the scenario file itself."""
    return written.config or b""


def of(
    test: Test,
    defaults: Defaults,
    configuration: Configuration = no_files,
    *,
    raw: Mapping[str, Value] | None = None,
    neighbours: Neighbours | None = None,
) -> Steps:
    """Return the steps of a test, after those that come before each.

    Args:
        test: the test.
        defaults: those of its file.
        configuration: reads the one that a step names.
        raw: the test as it is written, to be read again with what its steps capture.
        neighbours: the files that it may name.

    """
    reading = _Reading(defaults, configuration, neighbours)
    written = raw or {}
    before = reading.steps(test.before, "before", written.get("before"))
    if test.steps:
        return (*before, *reading.steps(test.steps, "steps", written.get("steps")))
    expectation = test.expect or Expectation()
    if test.request is None:
        return (*before, ExpectStep(expectation=expectation))
    own = HttpStep(
        stream="stream",
        sending=sendings.of("stream", test.request, test.reply, defaults),
        expectation=expectation,
        since_start=not before,
    )
    short = {key: written[key] for key in ("request", "reply", "expect") if key in written}
    return (*before, reading.late(own, {"http": short}))


@dataclass(frozen=True)
class _Reading:
    defaults: Defaults
    configuration: Configuration
    neighbours: Neighbours | None

    def steps(self, written: tuple[step_models.Step, ...], path: str, raw: Value) -> Steps:
        found = raw if isinstance(raw, list) else [None] * len(written)
        pairs = zip(written, found, strict=True)
        return tuple(self.step(each, f"{path}[{i}]", own) for i, (each, own) in enumerate(pairs))

    def step(self, written: step_models.Step, path: str, raw: Value) -> Step:
        if not written.repeat:
            return self.late(self._once(written, path), raw)
        inside = raw["repeat"] if isinstance(raw, dict) else None
        return RepeatStep(
            times=written.repeat.times,
            steps=self.steps(
                written.repeat.steps,
                f"{path}.steps",
                inside["steps"] if isinstance(inside, dict) else None,
            ),
            expectation=written.repeat.expect,
            path=path,
        )

    def late(self, step: Step, raw: Value) -> Step:
        """Return a step that is read again in its turn, if it uses what others capture."""
        if not captures.is_marked(raw):
            return step

        def read(captured: Captured) -> Step:
            filled = captures.filled(raw, captured)
            return self._once(scenario.validate_step(filled, self.neighbours), step.path)

        return LateStep(step=step, read=read)

    def _once(self, written: step_models.Step, path: str) -> Step:
        if written.http:
            return self._http(written.http, path)
        if written.capture:
            return CaptureStep(captures=written.capture, path=path)
        called = callback_steps.of(written, self.defaults, path)
        return (
            called
            or self._change(written, path)
            or ExpectStep(expectation=written.expect or Expectation(), path=path)
        )

    def _http(self, written: step_models.HttpStep, path: str) -> HttpStep:
        stream = written.id or path or "stream"
        goes_on = written.id is not None and written.request is None
        begun = sendings.of(stream, written.request, written.reply, self.defaults)
        if written.times > 1 and begun.version == "1.1":
            # It carries one request at a time, so those that are sent at once have one each.
            begun = replace(begun, connection=NEW_CONNECTION)
        return HttpStep(
            stream=stream,
            sending=None if goes_on else begun,
            expectation=written.expect or Expectation(),
            until=Until(written.until or Until.DONE),
            patience=written.timeout or PATIENCE,
            times=written.times,
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
