"""The steps at callback altitude, ready to be played."""

from dataclasses import dataclass
from typing import Any

from wasmctl import messages
from wasmctl.messages import Pair
from wasmctl.testing import fields
from wasmctl.testing.callback_models import (
    CALLBACK_STEPS,
    BodyStep,
    CallbackExpectation,
    CallbackSteps,
    RequestHeadersStep,
    ResponseHeadersStep,
    TrailersStep,
)
from wasmctl.testing.callbacks import Callback, Called
from wasmctl.testing.message_models import Reply, Request
from wasmctl.testing.scenario import Defaults


@dataclass(frozen=True, kw_only=True)
class CallbackStep:
    """One thing that is done to the plugin, and what must be seen of it."""

    called: Called
    expectation: CallbackExpectation
    path: str


def of(written: CallbackSteps, defaults: Defaults, path: str) -> CallbackStep | None:
    """Return the step that is written, if it is one of these."""
    named = [(word, getattr(written, word)) for word in CALLBACK_STEPS if getattr(written, word)]
    if not named:
        return None
    word, step = named[0]
    expectation = step.expect or CallbackExpectation()
    called = _called(Callback(word), step, defaults)
    return CallbackStep(called=called, expectation=expectation, path=path)


def _called(callback: Callback, step: Any, defaults: Defaults) -> Called:  # noqa: ANN401 - any model
    stream = getattr(step, "stream", None) or "stream"
    match step:
        case RequestHeadersStep():
            pairs = _request(step, defaults.request or Request())
            return Called(callback=callback, stream=stream, pairs=pairs, ends=step.end_stream)
        case ResponseHeadersStep():
            pairs = _response(step, defaults.reply or Reply())
            return Called(callback=callback, stream=stream, pairs=pairs, ends=step.end_stream)
        case BodyStep():
            chunks = step.body.chunks if step.body else (b"",)
            return Called(callback=callback, stream=stream, chunks=chunks, ends=step.end_stream)
        case TrailersStep():
            pairs = fields.merged((), step.trailers)
            return Called(callback=callback, stream=stream, pairs=pairs, ends=True)
        case _:
            return Called(callback=callback, stream=stream)


def _request(step: RequestHeadersStep, default: Request) -> tuple[Pair, ...]:
    return messages.request(
        step.path or default.path or "/",
        method=step.method or default.method or "GET",
        authority=step.authority or default.authority or "example.test",
        scheme=step.scheme or default.scheme or "http",
        headers=fields.merged(default.headers, step.headers),
    ).headers


def _response(step: ResponseHeadersStep, default: Reply) -> tuple[Pair, ...]:
    headers = fields.merged(default.headers, step.headers)
    return messages.response(step.status or default.status or 200, headers=headers).headers
