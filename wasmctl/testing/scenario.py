"""The models of a scenario file: what an author may write, key by key."""

from typing import Annotated, Literal, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from wasmctl.testing.blame import kind_of
from wasmctl.testing.forms import (
    GIVEN,
    WRONG_KEY,
    WRONG_VALUE,
    Authority,
    Body,
    BodyMatcher,
    Cases,
    Configuration,
    ExpectedTrap,
    FieldMatchers,
    FieldsIn,
    Logs,
    Matrix,
    Method,
    MetricMatcher,
    Name,
    NoLogs,
    NumberMatcher,
    OptionalText,
    Path,
    Reason,
    Status,
    Tags,
    Targets,
    Text,
    TextMatcher,
    Times,
    Variables,
    given,
)
from wasmctl.testing.neighbours import Neighbours
from wasmctl.testing.scalars import Value


class _Table(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"patternProperties": {"^x-": {}}},
    )

    @model_validator(mode="before")
    @classmethod
    def _without_own_keys(cls, written: Value) -> Value:
        """Leave out the keys that authors add for their own use: ``x-…``."""
        if isinstance(written, dict):
            return {key: value for key, value in written.items() if not key.startswith("x-")}
        return written


class PluginSettings(_Table):
    """``plugin``: what differs from the project file; paths are relative to the scenario file."""

    wasm: OptionalText = Field(default=None, description="The module. Default: the project's.")
    config: Configuration = Field(
        default=None, description="Its configuration: a text, or a map or list that becomes JSON."
    )
    config_file: OptionalText = Field(default=None, description="The file with its configuration.")
    root_id: OptionalText = None
    vm_id: OptionalText = None
    env: dict[str, Text] = Field(default={}, description="The environment of the plugin's VM.")


class Request(_Table):
    """What the client sends; a bare text is the path."""

    method: Method = None
    path: Path = None
    authority: Authority = None
    scheme: Annotated[Literal["http", "https"] | None, GIVEN] = None
    headers: FieldsIn = ()
    body: Body = None
    trailers: FieldsIn = ()


class Reply(_Table):
    """What the upstream answers; a bare number is the status."""

    status: Status = None
    headers: FieldsIn = ()
    body: Body = None
    trailers: FieldsIn = ()


def _path_alone(written: Value) -> Value:
    return {"path": written} if isinstance(written, str) else given(written)


def _status_alone(written: Value) -> Value:
    is_number = isinstance(written, int) and not isinstance(written, bool)
    return {"status": written} if is_number else given(written)


RequestIn = Annotated[
    Request | None, BeforeValidator(_path_alone, json_schema_input_type=str | Request)
]
ReplyIn = Annotated[
    Reply | None, BeforeValidator(_status_alone, json_schema_input_type=int | Reply)
]


class ExpectedMessage(_Table):
    """What a peer must have received, to its end; what is not named may be anything."""

    method: TextMatcher = None
    scheme: TextMatcher = None
    authority: TextMatcher = None
    path: TextMatcher = None
    status: NumberMatcher = None
    headers: FieldMatchers = {}
    body: BodyMatcher = None
    trailers: FieldMatchers = {}


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


class Expectation(_Table):
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


class HttpStep(_Table):
    """``http``: one request, and what must be seen of it."""

    request: RequestIn = None
    reply: ReplyIn = None
    expect: ExpectationIn = Field(
        default=None, description="What must be seen since this step began."
    )


class RepeatStep(_Table):
    """``repeat``: the same steps several times."""

    times: Times
    steps: tuple["Step", ...]
    expect: ExpectationIn = Field(
        default=None, description="What must be seen of all the runs together, once, at their end."
    )


class Step(_Table):
    """One step; it has one key."""

    http: Annotated[HttpStep | None, GIVEN] = Field(
        default=None, description="A request through the plugin."
    )
    expect: ExpectationIn = Field(
        default=None, description="What must be seen since the plugin's start."
    )
    repeat: Annotated[RepeatStep | None, GIVEN] = Field(
        default=None, description="The same steps several times."
    )


class Test(_Table):
    """One test: a plugin started for it alone, what is sent, and what must be seen."""

    __test__ = False  # pytest collects classes by this name otherwise

    model_config = ConfigDict(
        json_schema_extra={
            "patternProperties": {"^x-": {}},
            "anyOf": [{"required": ["expect"]}, {"required": ["steps"]}],
        }
    )

    name: Name
    description: Text = ""
    tags: Tags = Field(default=(), description="Words by which tests are chosen.")
    skip: Reason = Field(default=None, description="Why it does not run; or true.")
    xfail: Reason = Field(default=None, description="Why it must fail for now; or true.")
    only: StrictBool = Field(default=False, description="Of this file, run only such tests.")
    targets: Targets = Field(
        default=None, description="Where this test runs. Default: wherever tests run."
    )
    vars: Variables = Field(default={}, description="Values for placeholders: ${name}.")
    cases: Cases = Field(default=[], description="The test runs once with each of these values.")
    matrix: Matrix = Field(
        default={}, description="The test runs with each combination of these values."
    )
    plugin: PluginSettings = Field(default_factory=PluginSettings)
    config: Configuration = Field(default=None, description="Short for plugin: {config: …}.")
    before: tuple[Step, ...] = Field(
        default=(), description="Steps before the test's own; its expectation does not see them."
    )
    request: RequestIn = None
    reply: ReplyIn = None
    expect: ExpectationIn = None
    steps: tuple[Step, ...] = Field(
        default=(), description="Instead of request, reply, expect: several steps in order."
    )


class Defaults(_Table):
    """What every message of the file has that does not say otherwise."""

    request: RequestIn = None
    reply: ReplyIn = None


class SuiteFile(_Table):
    """A scenario file: tests of one plugin."""

    model_config = ConfigDict(title="A wasmctl scenario file (*.wasmtest.yaml)")

    wasmtest: Literal[1] = Field(description="The version of this format.")
    name: Text = ""
    description: Text = ""
    tags: Tags = Field(default=(), description="Tags of all its tests.")
    targets: Targets = Field(default=None, description="Where the tests of this file run.")
    include: tuple[str, ...] = Field(
        default=(), description="Files whose vars, plugin, defaults, steps and tests come first."
    )
    vars: Variables = Field(default={}, description="Values for placeholders: ${name}.")
    plugin: PluginSettings = Field(default_factory=PluginSettings)
    defaults: Defaults = Field(default_factory=Defaults)
    before_each: tuple[Step, ...] = Field(
        default=(), description="Steps before those of every test."
    )
    tests: tuple[Test, ...]


def validate(
    written: Value, neighbours: Neighbours | None = None
) -> tuple[SuiteFile | None, list[ErrorDetails]]:
    """Return what a file says or, if it cannot be understood, all that is wrong with it."""
    try:
        return SuiteFile.model_validate(written, context=neighbours), []
    except ValidationError as error:
        return None, error.errors()
