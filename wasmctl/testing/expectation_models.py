"""What a scenario file expects to be seen."""

from typing import Annotated, Literal, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from wasmctl.testing.blame import kind_of
from wasmctl.testing.forms import (
    GIVEN,
    WRONG_KEY,
    WRONG_VALUE,
    BodyMatcher,
    ExpectedTrap,
    FieldMatchers,
    Logs,
    MetricMatcher,
    NoLogs,
    NumberMatcher,
    TextMatcher,
)
from wasmctl.testing.scalars import Value
from wasmctl.testing.tables import Table


class ExpectedMessage(Table):
    """What a peer must have received, to its end; what is not named may be anything."""

    method: TextMatcher = None
    scheme: TextMatcher = None
    authority: TextMatcher = None
    path: TextMatcher = None
    status: NumberMatcher = None
    headers: FieldMatchers = Field(default={})
    body: BodyMatcher = None
    trailers: FieldMatchers = Field(default={})


Partial: TypeAlias = Literal["never", "unfinished"]


def _received(written: Value, info: ValidationInfo) -> Partial | ExpectedMessage:
    match written:
        case "never" | "unfinished":
            return written
        case dict():
            return ExpectedMessage.model_validate(written, context=info.context)
        case _:
            message = f"expected never, unfinished or a map, not {kind_of(written)}"
            raise PydanticCustomError(WRONG_VALUE, "{text}", {"text": message})


Received = Annotated[
    Partial | ExpectedMessage | None,
    PlainValidator(_received, json_schema_input_type=Partial | ExpectedMessage),
]


class _Several(BaseModel):
    """A list of messages, so that each has its place in what is told of them."""

    model_config = ConfigDict(frozen=True)
    messages: tuple[ExpectedMessage, ...]


def _received_at_upstream(
    written: Value, info: ValidationInfo
) -> Partial | ExpectedMessage | tuple[ExpectedMessage, ...]:
    if not isinstance(written, list):
        return _received(written, info)
    try:
        return _Several.model_validate({"messages": written}, context=info.context).messages
    except ValidationError as error:
        raise ValidationError.from_exception_data(
            "", [_below(e) for e in error.errors()]
        ) from error


def _below(found: ErrorDetails) -> InitErrorDetails:
    """Take the name of the list off a place inside it."""
    kind, message = found["type"], found["msg"]
    known = kind in {WRONG_KEY, WRONG_VALUE}
    error = PydanticCustomError(kind, "{text}", {"text": message}) if known else kind
    return InitErrorDetails(
        type=error, loc=found["loc"][1:], input=found["input"], ctx=found.get("ctx", {})
    )


ReceivedAtUpstream = Annotated[
    Partial | ExpectedMessage | tuple[ExpectedMessage, ...] | None,
    PlainValidator(
        _received_at_upstream,
        json_schema_input_type=Partial | ExpectedMessage | tuple[ExpectedMessage, ...],
    ),
]


class Expectation(Table):
    """What must be seen of the plugin, from its start to the end of the test."""

    configured: Annotated[StrictBool | None, GIVEN] = Field(
        default=None, description="Whether the plugin starts and takes its configuration."
    )
    upstream: ReceivedAtUpstream = Field(
        default=None,
        description="The request that reaches the upstream, whole; a list of all of them, in"
        " order; or never; or unfinished.",
    )
    client: Received = Field(
        default=None,
        description="The response that the client gets, whole; or never; or unfinished.",
    )
    logs: Logs = Field(default=(), description="Log lines of which each must be there.")
    no_logs: NoLogs = Field(
        default=(), description="Log lines that must not be there; true: none at all."
    )
    metrics: dict[str, MetricMatcher] = Field(
        default={}, description="Counters: what was added; gauges: their value."
    )
    trap: ExpectedTrap = Field(
        default=False, description="Whether the plugin is stopped by a trap, and of which kind."
    )


ExpectationIn = Annotated[Expectation | None, GIVEN]
