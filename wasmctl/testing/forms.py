"""The types of single values in a scenario file: pydantic's names for our readers.

What may be written in several ways (matchers, fields, bodies) is read by hand, so that one slip of
the author is one mistake and not one for each alternative.
"""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from wasmctl.abi.types import LogLevel
from wasmctl.project import TargetName
from wasmctl.testing import captures, durations, properties, readers
from wasmctl.testing.blame import Blame, Wrong
from wasmctl.testing.bodies import Sent
from wasmctl.testing.captures import Capture
from wasmctl.testing.fields import Fields
from wasmctl.testing.logs import LEVELS
from wasmctl.testing.matchers import Matcher
from wasmctl.testing.operators import Kind
from wasmctl.testing.placeholders import NAME
from wasmctl.testing.scalars import Value

WRONG_KEY = "wrong_key"
WRONG_VALUE = "wrong_value"

# In the JSON Schema this key holds the place of a definition that `schema` supplies.
DEFINITION = "x-definition"


def by_hand(read: Callable[[Value, Blame], object]) -> PlainValidator:
    """Let one of our readers read a value, and pydantic report what it blames, where it is."""

    def validate(value: Value, info: ValidationInfo) -> object:
        blame = Blame(neighbours=info.context)
        result = read(value, blame)
        if blame.wrongs:
            raise ValidationError.from_exception_data("", errors_of(blame, value))
        return result

    return PlainValidator(validate)


def errors_of(blame: Blame, value: Value) -> list[InitErrorDetails]:
    """Return what is wrong with a value as pydantic reports it."""
    return [_error(wrong, value) for wrong in blame.wrongs]


def _error(wrong: Wrong, value: Value) -> InitErrorDetails:
    kind = WRONG_KEY if wrong.is_key else WRONG_VALUE
    error = PydanticCustomError(kind, "{text}", {"text": wrong.message})
    return InitErrorDetails(type=error, loc=wrong.at, input=value)


def defined(name: str) -> WithJsonSchema:
    """Leave the JSON Schema of a value to `schema`, under a name."""
    return WithJsonSchema({DEFINITION: name})


def given(written: Value) -> Value:
    """Refuse a key without a value: what it leaves out is said by leaving out the key."""
    if written is None:
        raise PydanticCustomError(WRONG_VALUE, "expected a value, not nothing")
    return written


GIVEN = BeforeValidator(given)

Text = Annotated[str, by_hand(readers.text), defined("Text")]
OptionalText = Annotated[str | None, by_hand(readers.text), defined("Text")]
Name = Annotated[str, by_hand(readers.name), defined("Text")]
Method = Annotated[str | None, by_hand(readers.method), defined("Text")]
Authority = Annotated[str | None, by_hand(readers.authority), defined("Text")]
Path = Annotated[
    str | None, by_hand(readers.path), WithJsonSchema({"type": "string", "pattern": "^/"})
]
Status = Annotated[
    int | None,
    by_hand(readers.status),
    WithJsonSchema({"type": "integer", "minimum": 200, "maximum": 599}),
]
Configuration = Annotated[bytes | None, by_hand(readers.configuration), WithJsonSchema({})]
FieldsIn = Annotated[Fields, by_hand(readers.fields_in), defined("Fields")]
Body = Annotated[Sent | None, by_hand(readers.body), defined("Body")]
FieldMatchers = Annotated[dict[str, Matcher], by_hand(readers.fields_out), defined("FieldMatchers")]
TextMatcher = Annotated[Matcher | None, by_hand(readers.matcher(Kind.TEXT)), defined("TextMatcher")]
BodyMatcher = Annotated[Matcher | None, by_hand(readers.matcher(Kind.BODY)), defined("BodyMatcher")]
NumberMatcher = Annotated[
    Matcher | None, by_hand(readers.matcher(Kind.NUMBER)), defined("NumberMatcher")
]


def _some(names: tuple[TargetName, ...] | None) -> tuple[TargetName, ...] | None:
    if not names:
        raise PydanticCustomError(WRONG_VALUE, "expected a list with at least one entry")
    return names


# The least length is checked after the entries: pydantic would count only those that are right.
Targets = Annotated[tuple[TargetName, ...] | None, GIVEN, AfterValidator(_some)]

Tags = Annotated[
    tuple[str, ...],
    by_hand(readers.tags),
    WithJsonSchema({"type": "array", "items": {"type": "string", "pattern": f"^{readers.TAG}$"}}),
]
Reason = Annotated[
    str | None, by_hand(readers.reason), WithJsonSchema({"type": ["boolean", "string"]})
]
Times = Annotated[
    int,
    by_hand(readers.times(readers.MOST_TIMES)),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": readers.MOST_TIMES}),
]
TimesAtOnce = Annotated[
    int,
    by_hand(readers.times(readers.MOST_AT_ONCE)),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": readers.MOST_AT_ONCE}),
]

Captures = Annotated[
    tuple[Capture, ...], by_hand(captures.read), WithJsonSchema({"type": "object"})
]
Natural = Annotated[
    int, by_hand(readers.natural), WithJsonSchema({"type": "integer", "minimum": 0})
]
Duration = Annotated[
    int,
    by_hand(durations.read),
    WithJsonSchema({"type": "string", "pattern": durations.PATTERN}),
]
Time = Annotated[
    int | None, by_hand(readers.time), WithJsonSchema({"type": "string", "format": "date-time"})
]
Version = Annotated[
    str | None, by_hand(readers.version), WithJsonSchema({"enum": [2, 1.1, "2", "1.1"]})
]
Address = Annotated[
    str | None, by_hand(readers.address), WithJsonSchema({"type": "string", "pattern": r"^127\."})
]
_SimpleName = Annotated[
    str | None,
    by_hand(readers.simple_name),
    WithJsonSchema({"type": "string", "pattern": f"^{readers.TAG}$"}),
]
StreamName = _SimpleName
ConnectionName = _SimpleName
Octets = Annotated[bytes, by_hand(readers.octets_of), defined("Octets")]
OctetsByName = Annotated[
    dict[str, bytes],
    by_hand(readers.octets_by_name),
    WithJsonSchema({"type": "object", "additionalProperties": {DEFINITION: "Octets"}}),
]
# What `properties.read` returns; pydantic cannot follow a type that speaks of itself.
Properties = Annotated[tuple[Any, ...], by_hand(properties.read), defined("Properties")]
LevelName = Annotated[LogLevel | None, by_hand(readers.level), WithJsonSchema({"enum": [*LEVELS]})]
Names = Annotated[
    tuple[str, ...],
    by_hand(readers.names),
    WithJsonSchema({"type": "array", "items": {"type": "string"}}),
]

# Read before all else, by `variables`.
_NAMED: dict[str, Any] = {"type": "object", "propertyNames": {"pattern": f"^{NAME}$"}}
Variables = Annotated[dict[str, Any], WithJsonSchema(_NAMED)]
Cases = Annotated[list[Any], WithJsonSchema({"type": "array", "items": _NAMED, "minItems": 1})]
Matrix = Annotated[
    dict[str, Any],
    WithJsonSchema({**_NAMED, "additionalProperties": {"type": "array", "minItems": 1}}),
]
