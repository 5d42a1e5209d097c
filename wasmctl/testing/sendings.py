"""The messages of a test, made of what it says itself and of the defaults of its file."""

from collections.abc import Iterator

from wasmctl import messages
from wasmctl.messages import Message
from wasmctl.outcomes import Failure, Outcome
from wasmctl.testing import fields
from wasmctl.testing.bodies import Sent
from wasmctl.testing.message_models import Answer, Reply, Request
from wasmctl.testing.scenario import Defaults, Test
from wasmctl.testing.step_models import Step
from wasmctl.testing.targets.base import Sending

_NONE = Sent()


def of(stream: str, request: Request | None, reply: Reply | None, defaults: Defaults) -> Sending:
    """Return a request and what the upstream does with it."""
    own, default = request or Request(), defaults.request or Request()
    return Sending(
        stream=stream,
        request=_request(own, default),
        origin=_origin(reply or Reply(), defaults.reply or Reply()),
        gap=(own.body or default.body or _NONE).gap,
        version=_first(own.version, default.version, Sending.version),
        source=_first(own.source, default.source, Sending.source),
        connection=_first(own.connection, default.connection, Sending.connection),
    )


def answered(
    answer: Answer | None, failure: str | None, *, delay: int = 0, held: bool = False
) -> Outcome:
    """Return what an upstream does: it fails, or it answers, with 200 where nobody says more."""
    if held:
        return Outcome(held=True)
    wanted = Failure(failure) if failure else None
    message = response(answer or Answer(), Answer()) if answer or not wanted else None
    return Outcome(message=message, failure=wanted, delay=delay)


def response(own: Answer, default: Answer) -> Message:
    """Return an answer; what it does not say is as by default."""
    return messages.response(
        own.status or default.status or 200,
        headers=fields.merged(default.headers, own.headers),
        chunks=_chunks(own.body, default.body),
        trailers=fields.merged(default.trailers, own.trailers),
    )


def origin_version(test: Test, defaults: Defaults) -> str:
    """Return what the upstream of a test speaks; `consistency` sees to it that it is one."""
    replies = [test.reply, *_replies((*test.before, *test.steps)), defaults.reply]
    return next((reply.version for reply in replies if reply and reply.version), "2")


def _replies(written: tuple[Step, ...]) -> Iterator[Reply | None]:
    for step in written:
        if step.http:
            yield step.http.reply
        if step.repeat:
            yield from _replies(step.repeat.steps)


def _origin(own: Reply, default: Reply) -> Outcome:
    if own.hold:
        return Outcome(held=True)
    named = own.model_fields_set - {"fail", "delay", "version"}
    failure = Failure(own.fail) if own.fail else None
    message = response(own, default) if named or not failure else None
    return Outcome(message=message, failure=failure, delay=own.delay or default.delay)


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


def _chunks(own: Sent | None, default: Sent | None) -> tuple[bytes, ...]:
    return (own if own is not None else default or _NONE).chunks


def _first(*texts: str | None) -> str:
    return next(text for text in texts if text is not None)
