"""What is played in a test: what it says itself, and for the rest the defaults of its file."""

from dataclasses import dataclass

from wasmctl import messages
from wasmctl.messages import Message
from wasmctl.testing import fields
from wasmctl.testing.scenario import Defaults, Reply, Request, Test


@dataclass(frozen=True, kw_only=True)
class HttpStep:
    """A request through the plugin, and what the upstream answers if it is reached."""

    request: Message
    reply: Message


def of(test: Test, defaults: Defaults) -> tuple[HttpStep, ...]:
    """Return the steps of a test: one request, or nothing where it has no request."""
    if test.request is None:
        return ()
    request = _request(test.request, defaults.request or Request())
    reply = _reply(test.reply or Reply(), defaults.reply or Reply())
    return (HttpStep(request=request, reply=reply),)


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
