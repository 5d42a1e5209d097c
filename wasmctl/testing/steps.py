"""What is played in a test: what it says itself, and for the rest the defaults of its file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from wasmctl import messages
from wasmctl.messages import Message
from wasmctl.testing import fields, step_models
from wasmctl.testing.expectation_models import Expectation
from wasmctl.testing.message_models import Reply, Request
from wasmctl.testing.scenario import Defaults, Test


@dataclass(frozen=True, kw_only=True)
class HttpStep:
    """A request through the plugin, and what the upstream answers if it is reached.

    Attributes:
        since_start: whether the expectation sees all since the plugin's start, not only what this
            step brought.
        path: the step's place in the scenario, as in ``steps[0]``; empty for a short test's.

    """

    request: Message
    reply: Message
    expectation: Expectation
    since_start: bool = False
    path: str = ""


@dataclass(frozen=True, kw_only=True)
class ExpectStep:
    """Nothing is sent; what was seen is judged."""

    expectation: Expectation
    path: str = ""


@dataclass(frozen=True, kw_only=True)
class RepeatStep:
    """Steps that are played several times."""

    times: int
    steps: "Steps"
    expectation: Expectation | None
    path: str


Step: TypeAlias = HttpStep | ExpectStep | RepeatStep
Steps: TypeAlias = tuple[Step, ...]


def of(test: Test, defaults: Defaults) -> Steps:
    """Return the steps of a test, after those that come before each."""
    reading = _Reading(defaults)
    before = reading.steps(test.before, "before")
    if test.steps:
        return (*before, *reading.steps(test.steps, "steps"))
    expectation = test.expect or Expectation()
    if test.request is None:
        return (*before, ExpectStep(expectation=expectation))
    request, reply = reading.messages(test)
    own = HttpStep(request=request, reply=reply, expectation=expectation, since_start=not before)
    return (*before, own)


def expectations(steps: Steps) -> Iterator[Expectation]:
    """Return what the steps expect, those inside of others too."""
    for step in steps:
        if step.expectation is not None:
            yield step.expectation
        if isinstance(step, RepeatStep):
            yield from expectations(step.steps)


@dataclass(frozen=True)
class _Reading:
    defaults: Defaults

    def steps(self, written: tuple[step_models.Step, ...], path: str) -> Steps:
        return tuple(self.step(each, f"{path}[{index}]") for index, each in enumerate(written))

    def step(self, written: step_models.Step, path: str) -> Step:
        if written.http:
            request, reply = self.messages(written.http)
            wanted = written.http.expect or Expectation()
            return HttpStep(request=request, reply=reply, expectation=wanted, path=path)
        if written.repeat:
            return RepeatStep(
                times=written.repeat.times,
                steps=self.steps(written.repeat.steps, f"{path}.steps"),
                expectation=written.repeat.expect,
                path=path,
            )
        return ExpectStep(expectation=written.expect or Expectation(), path=path)

    def messages(self, written: Test | step_models.HttpStep) -> tuple[Message, Message]:
        request = _request(written.request or Request(), self.defaults.request or Request())
        reply = _reply(written.reply or Reply(), self.defaults.reply or Reply())
        return request, reply


def _request(own: Request, default: Request) -> Message:
    return messages.request(
        _first(own.path, default.path, "/"),
        method=_first(own.method, default.method, "GET"),
        authority=_first(own.authority, default.authority, "example.test"),
        scheme=_first(own.scheme, default.scheme, "http"),
        headers=fields.merged(default.headers, own.headers),
        chunks=_chunks(own.body, default.body),
        trailers=fields.merged(default.trailers, own.trailers),
    )


def _reply(own: Reply, default: Reply) -> Message:
    return messages.response(
        own.status or default.status or 200,
        headers=fields.merged(default.headers, own.headers),
        chunks=_chunks(own.body, default.body),
        trailers=fields.merged(default.trailers, own.trailers),
    )


def _chunks(own: tuple[bytes, ...] | None, default: tuple[bytes, ...] | None) -> tuple[bytes, ...]:
    return own if own is not None else default or ()


def _first(*texts: str | None) -> str:
    return next(text for text in texts if text is not None)
