"""The steps of a test, as a scenario file writes them."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from wasmctl.testing.callback_models import CallbackSteps
from wasmctl.testing.expectation_models import ExpectationIn
from wasmctl.testing.forms import (
    GIVEN,
    Captures,
    Configuration,
    Duration,
    Natural,
    Octets,
    OctetsByName,
    OptionalText,
    StreamName,
    Text,
    Times,
    TimesAtOnce,
)
from wasmctl.testing.message_models import DELAY, AnswerIn, ReplyIn, RequestIn
from wasmctl.testing.scalars import Value
from wasmctl.testing.tables import Table

Until: TypeAlias = Literal["done", "paused", "request_sent", "response_started"]

_SINCE_BEGAN = Field(default=None, description="What must be seen since this step began.")


class HttpStep(Table):
    """``http``: one request, or without ``request`` more of one that began before."""

    id: StreamName = Field(default=None, description="The stream's name, for other steps.")
    until: Annotated[Until | None, GIVEN] = Field(
        default=None,
        description="What the step waits for. Default: done, the end of the answer.",
    )
    timeout: Duration = Field(default=0, description="How long it waits. Default: 5s.")
    times: TimesAtOnce = Field(
        default=1,
        description="How often it is sent at once: none waits for another's answer. Default: 1.",
    )
    request: RequestIn = None
    reply: ReplyIn = None
    expect: ExpectationIn = Field(
        default=None, description="What must be seen since the stream's first step began."
    )


class ChosenCallout(Table):
    """Which of the callouts that wait is meant."""

    to: Text = Field(description="The cluster.")
    nth: Annotated[Natural | None, GIVEN] = Field(
        default=None, description="Its number among those that wait there, from 1. Default: 1."
    )


class AnswerStep(Table):
    """``answer``: what is held gets its answer; of a callout, or of a stream's own upstream."""

    callout: Annotated[ChosenCallout | None, GIVEN] = None
    stream: StreamName = None
    reply: AnswerIn = None
    fail: Annotated[Literal["reset"] | None, GIVEN] = Field(
        default=None, description="Instead of the answer."
    )
    delay: Duration = DELAY
    expect: ExpectationIn = _SINCE_BEGAN


class AdvanceStep(Table):
    """``advance``: time passes; a bare duration is ``by``."""

    by: Duration
    expect: ExpectationIn = _SINCE_BEGAN


class ReconfigureStep(Table):
    """``reconfigure``: the plugin gets another configuration, as by a gateway's update."""

    plugin: OptionalText = Field(default=None, description="Its name, where there are several.")
    config: Configuration = None
    config_file: OptionalText = None
    expect: ExpectationIn = _SINCE_BEGAN


class RestartVmStep(Table):
    """``restart_vm``: the plugins begin anew in fresh VMs; what is shared stays."""

    expect: ExpectationIn = _SINCE_BEGAN


class CancelStep(Table):
    """``cancel``: the client gives a stream up; a bare text is its name."""

    stream: StreamName
    expect: ExpectationIn = _SINCE_BEGAN


class SetStep(Table):
    """``set``: what plugins share gets other values."""

    shared_data: OctetsByName = Field(default={}, description="Values by their keys.")
    vm_id: Text = Field(default="", description="Whose. Default: the first plugin's.")


class EnqueueStep(Table):
    """``enqueue``: something arrives in a queue that a plugin has registered."""

    queue: Text
    data: Octets
    vm_id: Text = Field(default="", description="Whose. Default: the first plugin's.")
    expect: ExpectationIn = _SINCE_BEGAN


class RepeatStep(Table):
    """``repeat``: the same steps several times."""

    times: Times
    steps: tuple["Step", ...]
    expect: ExpectationIn = Field(
        default=None, description="What must be seen of all the runs together, once, at their end."
    )


def _by_alone(written: Value) -> Value:
    return {"by": written} if isinstance(written, str) else written


def _stream_alone(written: Value) -> Value:
    return {"stream": written} if isinstance(written, str) else written


def _nothing(written: Value) -> Value:
    return {} if written is None else written


class Step(CallbackSteps):
    """One step; it has one key."""

    http: Annotated[HttpStep | None, GIVEN] = Field(
        default=None, description="A request through the plugin."
    )
    expect: ExpectationIn = Field(
        default=None, description="What must be seen since the plugin's start."
    )
    answer: Annotated[AnswerStep | None, GIVEN] = Field(
        default=None, description="What is held is answered."
    )
    advance: Annotated[
        AdvanceStep | None,
        GIVEN,
        BeforeValidator(_by_alone, json_schema_input_type=str | AdvanceStep),
    ] = Field(default=None, description="Time passes.")
    reconfigure: Annotated[ReconfigureStep | None, GIVEN] = Field(
        default=None, description="The plugin gets another configuration."
    )
    restart_vm: Annotated[
        RestartVmStep | None,
        BeforeValidator(_nothing, json_schema_input_type=RestartVmStep | None),
    ] = Field(default=None, description="The plugins begin anew in fresh VMs.")
    cancel: Annotated[
        CancelStep | None,
        GIVEN,
        BeforeValidator(_stream_alone, json_schema_input_type=str | CancelStep),
    ] = Field(default=None, description="The client gives a stream up.")
    set: Annotated[SetStep | None, GIVEN] = Field(
        default=None, description="What plugins share gets other values."
    )
    enqueue: Annotated[EnqueueStep | None, GIVEN] = Field(
        default=None, description="Something arrives in a queue."
    )
    capture: Annotated[Captures | None, GIVEN] = Field(
        default=None, description="Values are taken from what was seen, for later steps."
    )
    repeat: Annotated[RepeatStep | None, GIVEN] = Field(
        default=None, description="The same steps several times."
    )
