"""The models of a scenario file: what an author may write, key by key.

Pydantic reads the tables; what may be written in several ways (matchers, fields, bodies) is read
by hand, so that one slip of the author is one mistake and not one for each alternative.
"""

from collections.abc import Callable
from typing import Annotated, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from wasmctl.project import TargetName
from wasmctl.records import TrapKind
from wasmctl.testing import readers
from wasmctl.testing.blame import Blame, Wrong, kind_of
from wasmctl.testing.fields import Fields
from wasmctl.testing.logs import LogMatcher
from wasmctl.testing.matchers import Matcher
from wasmctl.testing.operators import Kind
from wasmctl.testing.scalars import Value

WRONG_KEY = "wrong_key"
WRONG_VALUE = "wrong_value"

# In the JSON Schema this key holds the place of a definition that `schema` supplies.
DEFINITION = "x-definition"


def _by_hand(read: Callable[[Value, Blame], object]) -> PlainValidator:
    """Let one of our readers read a value, and pydantic report what it blames, where it is."""

    def validate(value: Value) -> object:
        blame: Blame = []
        result = read(value, blame)
        if blame:
            raise ValidationError.from_exception_data("", [_error(wrong, value) for wrong in blame])
        return result

    return PlainValidator(validate)


def _error(wrong: Wrong, value: Value) -> InitErrorDetails:
    kind = WRONG_KEY if wrong.is_key else WRONG_VALUE
    error = PydanticCustomError(kind, "{text}", {"text": wrong.message})
    return InitErrorDetails(type=error, loc=wrong.at, input=value)


def _defined(name: str) -> WithJsonSchema:
    return WithJsonSchema({DEFINITION: name})


def _given(written: Value) -> Value:
    """Refuse a key without a value: what it leaves out is said by leaving out the key."""
    if written is None:
        raise PydanticCustomError(WRONG_VALUE, "expected a value, not nothing")
    return written


_GIVEN = BeforeValidator(_given)

Text = Annotated[str, _by_hand(readers.text), _defined("Text")]
OptionalText = Annotated[str | None, _by_hand(readers.text), _defined("Text")]
Name = Annotated[str, _by_hand(readers.name), _defined("Text")]
Method = Annotated[str | None, _by_hand(readers.method), _defined("Text")]
Authority = Annotated[str | None, _by_hand(readers.authority), _defined("Text")]
Path = Annotated[
    str | None, _by_hand(readers.path), WithJsonSchema({"type": "string", "pattern": "^/"})
]
Status = Annotated[
    int | None,
    _by_hand(readers.status),
    WithJsonSchema({"type": "integer", "minimum": 200, "maximum": 599}),
]
Configuration = Annotated[bytes | None, _by_hand(readers.configuration), WithJsonSchema({})]
FieldsIn = Annotated[Fields, _by_hand(readers.fields_in), _defined("Fields")]
Body = Annotated[tuple[bytes, ...] | None, _by_hand(readers.body), _defined("Body")]
FieldMatchers = Annotated[
    dict[str, Matcher], _by_hand(readers.fields_out), _defined("FieldMatchers")
]
TextMatcher = Annotated[
    Matcher | None, _by_hand(readers.matcher(Kind.TEXT)), _defined("TextMatcher")
]
BodyMatcher = Annotated[
    Matcher | None, _by_hand(readers.matcher(Kind.BODY)), _defined("BodyMatcher")
]
NumberMatcher = Annotated[
    Matcher | None, _by_hand(readers.matcher(Kind.NUMBER)), _defined("NumberMatcher")
]
MetricMatcher = Annotated[
    Matcher, _by_hand(readers.matcher(Kind.METRIC)), _defined("MetricMatcher")
]
Logs = Annotated[tuple[LogMatcher, ...], _by_hand(readers.log_list), _defined("Logs")]
NoLogs = Annotated[tuple[LogMatcher, ...], _by_hand(readers.no_logs), _defined("NoLogs")]
ExpectedTrap = Annotated[
    bool | TrapKind,
    _by_hand(readers.trap),
    WithJsonSchema({"enum": [True, False, *TrapKind]}),
]


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
    scheme: Annotated[Literal["http", "https"] | None, _GIVEN] = None
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
    return {"path": written} if isinstance(written, str) else _given(written)


def _status_alone(written: Value) -> Value:
    is_number = isinstance(written, int) and not isinstance(written, bool)
    return {"status": written} if is_number else _given(written)


RequestIn = Annotated[
    Request | None, BeforeValidator(_path_alone, json_schema_input_type=str | Request)
]
ReplyIn = Annotated[
    Reply | None, BeforeValidator(_status_alone, json_schema_input_type=int | Reply)
]


def _some(names: tuple[TargetName, ...] | None) -> tuple[TargetName, ...] | None:
    if not names:
        raise PydanticCustomError(WRONG_VALUE, "expected a list with at least one entry")
    return names


# The least length is checked after the entries: pydantic would count only those that are right.
Targets = Annotated[tuple[TargetName, ...] | None, _GIVEN, AfterValidator(_some)]


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


def _received(written: Value) -> Partial | ExpectedMessage:
    match written:
        case "never" | "unfinished":
            return written
        case dict():
            return ExpectedMessage.model_validate(written)
        case _:
            message = f"expected never, unfinished or a map, not {kind_of(written)}"
            raise PydanticCustomError(WRONG_VALUE, "{text}", {"text": message})


Received = Annotated[
    Partial | ExpectedMessage | None,
    PlainValidator(_received, json_schema_input_type=Partial | ExpectedMessage),
]


class Expectation(_Table):
    """What must be seen of the plugin, from its start to the end of the test."""

    configured: Annotated[StrictBool | None, _GIVEN] = Field(
        default=None, description="Whether the plugin starts and takes its configuration."
    )
    upstream: Received = Field(
        default=None,
        description="The request that reaches the upstream, whole; or never; or unfinished.",
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


class Test(_Table):
    """One test: a plugin started for it alone, at most one request, and what must be seen."""

    __test__ = False  # pytest collects classes by this name otherwise

    name: Name
    description: Text = ""
    targets: Targets = Field(
        default=None, description="Where this test runs. Default: wherever tests run."
    )
    plugin: PluginSettings = Field(default_factory=PluginSettings)
    config: Configuration = Field(default=None, description="Short for plugin: {config: …}.")
    request: RequestIn = None
    reply: ReplyIn = None
    expect: Expectation


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
    targets: Targets = Field(default=None, description="Where the tests of this file run.")
    plugin: PluginSettings = Field(default_factory=PluginSettings)
    defaults: Defaults = Field(default_factory=Defaults)
    tests: tuple[Test, ...]


def validate(written: Value) -> tuple[SuiteFile | None, list[ErrorDetails]]:
    """Return what a file says or, if it cannot be understood, all that is wrong with it."""
    try:
        return SuiteFile.model_validate(written), []
    except ValidationError as error:
        return None, error.errors()
