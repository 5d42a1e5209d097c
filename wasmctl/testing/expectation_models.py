"""What a scenario file expects to be seen."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, PlainValidator, StrictBool, TypeAdapter, ValidationInfo
from pydantic_core import PydanticCustomError

from wasmctl.testing.blame import kind_of
from wasmctl.testing.expectation_forms import (
    ExpectedLoadError,
    ExpectedTrap,
    FieldNames,
    Hazards,
    Hostcalls,
    Logs,
    MetricMatcher,
    NoLogs,
    OnlyFields,
    OrderedLogs,
    Pause,
    Queues,
    SharedData,
    SnapshotName,
)
from wasmctl.testing.forms import (
    GIVEN,
    WRONG_VALUE,
    BodyMatcher,
    FieldMatchers,
    NumberMatcher,
    OptionalText,
    Reason,
    TextMatcher,
)
from wasmctl.testing.scalars import Value
from wasmctl.testing.tables import Table
from wasmctl.testing.traps import NO_TRAP


class ExpectedMessage(Table):
    """What a peer must have received, to its end; what is not named may be anything."""

    same_as: Annotated[Literal["request", "reply"] | None, GIVEN] = Field(
        default=None,
        description="As it was sent, but for what proxies add: at the upstream the request, at the"
        " client the reply.",
    )

    method: TextMatcher = None
    scheme: TextMatcher = None
    authority: TextMatcher = None
    path: TextMatcher = None
    status: NumberMatcher = None
    headers: FieldMatchers = Field(default={})
    only_headers: OnlyFields = Field(
        default=None, description="As headers, and nothing beside them but what proxies add."
    )
    header_order: FieldNames = Field(
        default=(), description="Names of headers in the order in which they come."
    )
    body: BodyMatcher = None
    trailers: FieldMatchers = Field(default={})


class ExpectedResponse(ExpectedMessage):
    """What the client must have received."""

    details: TextMatcher = Field(
        default=None, description="Why the response is what it is: Envoy's response code details."
    )
    by: OptionalText = Field(
        default=None,
        description="Who made the response: upstream, proxy, plugin, or the only plugin's name.",
    )


class ExpectedCallout(ExpectedMessage):
    """What the plugin must have asked of a cluster."""

    kind: Annotated[Literal["http", "grpc_call", "grpc_stream"] | None, GIVEN] = None
    to: TextMatcher = Field(default=None, description="The cluster.")
    plugin: TextMatcher = Field(default=None, description="Which of several plugins made it.")
    timeout: NumberMatcher = Field(default=None, description="In milliseconds.")
    state: Annotated[
        Literal["pending", "answered", "failed", "timed_out", "cancelled"] | None, GIVEN
    ] = Field(default=None, description="What has come of it.")
    times: NumberMatcher = Field(default=None, description="How many such callouts.")


class ExpectedTime(Table):
    """``time``: what passed by the clock, which on the embedded host is virtual."""

    elapsed: NumberMatcher = Field(default=None, description="In milliseconds.")


class ExpectedMemory(Table):
    """``memory``: the plugin's linear memory, in pages of 64 KiB."""

    pages: NumberMatcher = Field(default=None, description="How many there are.")
    growth: NumberMatcher = Field(default=None, description="How many were added.")


Partial: TypeAlias = Literal["never", "unfinished"]


def _received(model: type[ExpectedMessage]) -> Callable[[Any, ValidationInfo], Any]:
    """Return the reader of one message."""

    def read(written: Value, info: ValidationInfo) -> Partial | ExpectedMessage:
        match written:
            case "never" | "unfinished":
                return written
            case dict():
                return model.model_validate(written, context=info.context)
            case _:
                message = f"expected never, unfinished or a map, not {kind_of(written)}"
                raise PydanticCustomError(WRONG_VALUE, "{text}", {"text": message})

    return read


def _all_received(model: type[ExpectedMessage]) -> Callable[[Any, ValidationInfo], Any]:
    """Return the reader of one message, or of a list of all."""
    one = _received(model)
    several = TypeAdapter(tuple[Annotated[Any, PlainValidator(one)], ...])

    def read(written: Value, info: ValidationInfo) -> object:
        if isinstance(written, list):
            return several.validate_python(written, context=info.context)
        return one(written, info)

    return read


AtUpstream: TypeAlias = Partial | ExpectedMessage
AtClient: TypeAlias = Partial | ExpectedResponse
ReceivedAtUpstream = Annotated[
    AtUpstream | tuple[AtUpstream, ...] | None,
    PlainValidator(
        _all_received(ExpectedMessage),
        json_schema_input_type=AtUpstream | tuple[AtUpstream, ...],
    ),
]
ReceivedAtClient = Annotated[
    AtClient | tuple[AtClient, ...] | None,
    PlainValidator(
        _all_received(ExpectedResponse),
        json_schema_input_type=AtClient | tuple[AtClient, ...],
    ),
]


def _local(written: Value, info: ValidationInfo) -> Literal["none"] | ExpectedResponse:
    if written == "none":
        return "none"
    if isinstance(written, dict):
        return ExpectedResponse.model_validate(written, context=info.context)
    message = f"expected none or a map, not {kind_of(written)}"
    raise PydanticCustomError(WRONG_VALUE, "{text}", {"text": message})


LocalResponse = Annotated[
    Literal["none"] | ExpectedResponse | None,
    PlainValidator(_local, json_schema_input_type=Literal["none"] | ExpectedResponse),
]
Callouts: TypeAlias = tuple[ExpectedCallout, ...]


class Expectation(Table):
    """What must be seen of the plugin, from its start to the end of the test."""

    configured: Annotated[StrictBool | None, GIVEN] = Field(
        default=None, description="Whether the plugin starts and takes its configuration."
    )
    load_error: ExpectedLoadError = Field(
        default=None, description="Why the plugin does not start: a word, or operators."
    )
    upstream: ReceivedAtUpstream = Field(
        default=None,
        description="The request that reaches the upstream, whole; a list of all of them, in"
        " order; or never; or unfinished.",
    )
    client: ReceivedAtClient = Field(
        default=None,
        description="The response that the client gets, whole; a list of all of them, in order;"
        " or never; or unfinished.",
    )
    local_response: LocalResponse = Field(
        default=None, description="What the plugin answers itself; or none."
    )
    callouts: Callouts = Field(
        default=(), description="Requests of the plugin itself, of which each must be there."
    )
    only_callouts: Annotated[Callouts | None, GIVEN] = Field(
        default=None, description="All requests of the plugin itself, in order."
    )
    no_callouts: Literal[True] | None = Field(
        default=None, description="The plugin asks nobody anything."
    )
    logs: Logs = Field(default=(), description="Log lines of which each must be there.")
    logs_in_order: OrderedLogs = Field(
        default=(), description="Log lines of which each must be there, below the one before it."
    )
    no_logs: NoLogs = Field(
        default=(), description="Log lines that must not be there; true: none at all."
    )
    metrics: dict[str, MetricMatcher] = Field(
        default={}, description="Counters: what was added; gauges: their value."
    )
    trap: ExpectedTrap = Field(
        default=NO_TRAP, description="Whether the plugin is stopped by a trap, which, and where."
    )
    paused_at: Pause = Field(
        default=None, description="The callback that stopped the stream for good; or never."
    )
    tick_period: NumberMatcher = Field(
        default=None, description="How often the plugin wants to be woken, in ms; 0: never."
    )
    shared_data: SharedData = Field(default={}, description="Values that machines share, by key.")
    queues: Queues = Field(
        default={}, description="What waits in queues: a list of all, or how many; ~: no queue."
    )
    hazards: Hazards = Field(
        default=(), description="Mistakes that would hurt a real proxy, and are made on purpose."
    )
    hostcalls: Hostcalls = Field(
        default={}, description="How often the plugin calls what of the host."
    )
    time: Annotated[ExpectedTime | None, GIVEN] = Field(
        default=None, description="How much time passes."
    )
    fuel: NumberMatcher = Field(
        default=None, description="What the plugin consumes: equal on every machine."
    )
    memory: Annotated[ExpectedMemory | None, GIVEN] = Field(
        default=None, description="The plugin's linear memory."
    )
    size: NumberMatcher = Field(default=None, description="The bytes of the module.")
    snapshot: SnapshotName = Field(
        default=None, description="All that was seen, as a file beside the scenario remembers it."
    )
    diverges: Reason = Field(
        default=None, description="Why the targets see different things here, which is known."
    )


ExpectationIn = Annotated[Expectation | None, GIVEN]
