"""The steps at callback altitude: one callback of the plugin each, on the embedded host alone."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool

from wasmctl.testing.expectation_forms import FieldNames, OnlyFields
from wasmctl.testing.expectation_models import Expectation
from wasmctl.testing.forms import (
    GIVEN,
    Authority,
    Body,
    BodyMatcher,
    FieldMatchers,
    FieldsIn,
    Method,
    NumberMatcher,
    Path,
    Status,
    StreamName,
)
from wasmctl.testing.scalars import Value
from wasmctl.testing.tables import Table


class CallbackExpectation(Expectation):
    """What must be seen of one callback: what it returned, and the message as it left it."""

    action: Annotated[Literal["continue", "pause"] | None, GIVEN] = Field(
        default=None, description="Whether the plugin lets the message go on."
    )
    result: NumberMatcher = Field(default=None, description="The number that it returned.")
    headers: FieldMatchers = Field(
        default={}, description="The headers or trailers as the callback left them."
    )
    only_headers: OnlyFields = Field(
        default=None, description="As headers, and nothing beside them."
    )
    header_order: FieldNames = Field(
        default=(), description="Names of headers in the order in which they come."
    )
    body: BodyMatcher = Field(
        default=None, description="The body as the callback left it: what goes on, or is held."
    )
    end_stream: Annotated[StrictBool | None, GIVEN] = Field(
        default=None, description="Whether nothing comes behind what goes on."
    )


CallbackExpectationIn = Annotated[CallbackExpectation | None, GIVEN]
_STREAM = Field(default=None, description="The stream's name, where there are several.")
_ENDS = Field(default=False, description="Whether it is the end of the message.")
_EXPECT = Field(default=None, description="What must be seen of this callback.")


class StartStep(Table):
    """``start``: what the start of the plugin, which every test has, brought."""

    expect: CallbackExpectationIn = _EXPECT


class StreamStep(Table):
    """``stream_open``, ``stream_close``: a stream begins, or is given up by its client."""

    stream: StreamName = _STREAM
    expect: CallbackExpectationIn = _EXPECT


class RequestHeadersStep(Table):
    """``request_headers``: the headers of a request arrive."""

    stream: StreamName = _STREAM
    method: Method = None
    path: Path = None
    authority: Authority = None
    scheme: Annotated[Literal["http", "https"] | None, GIVEN] = None
    headers: FieldsIn = ()
    end_stream: StrictBool = _ENDS
    expect: CallbackExpectationIn = _EXPECT


class ResponseHeadersStep(Table):
    """``response_headers``: the headers of a response arrive."""

    stream: StreamName = _STREAM
    status: Status = None
    headers: FieldsIn = ()
    end_stream: StrictBool = _ENDS
    expect: CallbackExpectationIn = _EXPECT


class BodyStep(Table):
    """``request_body``, ``response_body``: a part of a body arrives; of several, one by one."""

    stream: StreamName = _STREAM
    body: Body = None
    end_stream: StrictBool = _ENDS
    expect: CallbackExpectationIn = _EXPECT


class TrailersStep(Table):
    """``request_trailers``, ``response_trailers``: trailers arrive."""

    stream: StreamName = _STREAM
    trailers: FieldsIn = ()
    expect: CallbackExpectationIn = _EXPECT


class TickStep(Table):
    """``tick``: as much time passes as the plugin wants between two ticks."""

    expect: CallbackExpectationIn = _EXPECT


class ShutdownStep(Table):
    """``shutdown``: the plugin ends."""

    expect: CallbackExpectationIn = _EXPECT


def _nothing(written: Value) -> Any:  # noqa: ANN401 - what the model reads
    return {} if written is None else written


_OR_NOTHING = BeforeValidator(_nothing)
_STARTED = Field(default=None, description="What the plugin's start brought.")
_OPENED = Field(default=None, description="A stream begins.")
_CLOSED = Field(default=None, description="The client gives a stream up.")
_HEADERS = Field(default=None, description="The headers of a message arrive.")
_BODY = Field(default=None, description="A part of a body arrives.")
_TRAILERS = Field(default=None, description="The trailers of a message arrive.")


class CallbackSteps(Table):
    """The steps at callback altitude, for `Step`."""

    start: Annotated[StartStep | None, _OR_NOTHING] = _STARTED
    stream_open: Annotated[StreamStep | None, _OR_NOTHING] = _OPENED
    request_headers: Annotated[RequestHeadersStep | None, _OR_NOTHING] = _HEADERS
    request_body: Annotated[BodyStep | None, _OR_NOTHING] = _BODY
    request_trailers: Annotated[TrailersStep | None, _OR_NOTHING] = _TRAILERS
    response_headers: Annotated[ResponseHeadersStep | None, _OR_NOTHING] = _HEADERS
    response_body: Annotated[BodyStep | None, _OR_NOTHING] = _BODY
    response_trailers: Annotated[TrailersStep | None, _OR_NOTHING] = _TRAILERS
    stream_close: Annotated[StreamStep | None, _OR_NOTHING] = _CLOSED
    tick: Annotated[TickStep | None, _OR_NOTHING] = Field(
        default=None, description="The time between two ticks passes."
    )
    shutdown: Annotated[ShutdownStep | None, _OR_NOTHING] = Field(
        default=None, description="The plugin ends."
    )


CALLBACK_STEPS = tuple(CallbackSteps.model_fields)
