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

from wasmctl.project import TargetName
from wasmctl.records import TrapKind
from wasmctl.testing import readers
from wasmctl.testing.blame import Blame, Wrong
from wasmctl.testing.fields import Fields
from wasmctl.testing.logs import LogMatcher
from wasmctl.testing.matchers import Matcher
from wasmctl.testing.operators import Kind
from wasmctl.testing.placeholders import NAME
from wasmctl.testing.scalars import Value

WRONG_KEY = "wrong_key"
WRONG_VALUE = "wrong_value"

# In the JSON Schema this key holds the place of a definition that `schema` supplies.
DEFINITION = "x-definition"


def _by_hand(read: Callable[[Value, Blame], object]) -> PlainValidator:
    """Let one of our readers read a value, and pydantic report what it blames, where it is."""

    def validate(value: Value, info: ValidationInfo) -> object:
        blame = Blame(neighbours=info.context)
        result = read(value, blame)
        if blame.wrongs:
            errors = [_error(wrong, value) for wrong in blame.wrongs]
            raise ValidationError.from_exception_data("", errors)
        return result

    return PlainValidator(validate)


def _error(wrong: Wrong, value: Value) -> InitErrorDetails:
    kind = WRONG_KEY if wrong.is_key else WRONG_VALUE
    error = PydanticCustomError(kind, "{text}", {"text": wrong.message})
    return InitErrorDetails(type=error, loc=wrong.at, input=value)


def _defined(name: str) -> WithJsonSchema:
    return WithJsonSchema({DEFINITION: name})


def given(written: Value) -> Value:
    """Refuse a key without a value: what it leaves out is said by leaving out the key."""
    if written is None:
        raise PydanticCustomError(WRONG_VALUE, "expected a value, not nothing")
    return written


GIVEN = BeforeValidator(given)

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


def _some(names: tuple[TargetName, ...] | None) -> tuple[TargetName, ...] | None:
    if not names:
        raise PydanticCustomError(WRONG_VALUE, "expected a list with at least one entry")
    return names


# The least length is checked after the entries: pydantic would count only those that are right.
Targets = Annotated[tuple[TargetName, ...] | None, GIVEN, AfterValidator(_some)]

Tags = Annotated[
    tuple[str, ...],
    _by_hand(readers.tags),
    WithJsonSchema({"type": "array", "items": {"type": "string", "pattern": f"^{readers.TAG}$"}}),
]
Reason = Annotated[
    str | None, _by_hand(readers.reason), WithJsonSchema({"type": ["boolean", "string"]})
]
Times = Annotated[
    int,
    _by_hand(readers.times),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": readers.MOST_TIMES}),
]

# Read before all else, by `variables`.
_NAMED: dict[str, Any] = {"type": "object", "propertyNames": {"pattern": f"^{NAME}$"}}
Variables = Annotated[dict[str, Any], WithJsonSchema(_NAMED)]
Cases = Annotated[list[Any], WithJsonSchema({"type": "array", "items": _NAMED, "minItems": 1})]
Matrix = Annotated[
    dict[str, Any],
    WithJsonSchema({**_NAMED, "additionalProperties": {"type": "array", "minItems": 1}}),
]
