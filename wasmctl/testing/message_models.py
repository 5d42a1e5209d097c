"""What a scenario file sends: requests, and what upstreams do with them."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool

from wasmctl.testing.forms import (
    GIVEN,
    Address,
    Authority,
    Body,
    ConnectionName,
    Duration,
    FieldsIn,
    Method,
    Path,
    Status,
    Version,
    given,
)
from wasmctl.testing.scalars import Value
from wasmctl.testing.tables import Table

_FIELDS = "Fields, as below."
_BODY = "Bytes, as below. Default: none."
_TRAILERS = "Fields behind the body."


class Request(Table):
    """What the client sends; a bare text is the path."""

    version: Version = Field(
        default=None, description="The version of HTTP the client speaks: 2 (the default) or 1.1."
    )
    source: Address = Field(
        default=None, description="The client's address: 127.0.0.2. Default: 127.0.0.1."
    )
    connection: ConnectionName = Field(
        default=None,
        description=(
            "The client's connection: a name that requests share, or new. "
            "Default: one for each address and version."
        ),
    )
    method: Method = Field(default=None, description="Default: GET.")
    path: Path = Field(default=None, description="With its query. Default: /.")
    authority: Authority = Field(
        default=None, description="The host that is asked for. Default: example.test."
    )
    scheme: Annotated[Literal["http", "https"] | None, GIVEN] = Field(
        default=None, description="http (the default) or https."
    )
    headers: FieldsIn = Field(default=(), description=_FIELDS)
    body: Body = Field(default=None, description=_BODY)
    trailers: FieldsIn = Field(default=(), description=_TRAILERS)


class Answer(Table):
    """What an upstream answers; a bare number is the status."""

    version: Version = Field(
        default=None, description="The version of HTTP the upstream speaks: 2 (the default) or 1.1."
    )
    status: Status = Field(default=None, description="Default: 200.")
    headers: FieldsIn = Field(default=(), description=_FIELDS)
    body: Body = Field(default=None, description=_BODY)
    trailers: FieldsIn = Field(default=(), description=_TRAILERS)


HowItFails = Annotated[Literal["reset", "timeout", "refused", "no_healthy"] | None, GIVEN]
FAIL = Field(default=None, description="How the upstream fails instead of answering.")
HOLD = Field(default=False, description="Nothing comes until a step answers.")
DELAY = Field(default=0, description="How long after the request the answer comes, or the failure.")


class Reply(Answer):
    """What the upstream does with a request that reaches it; a bare number is the status."""

    fail: HowItFails = FAIL
    hold: StrictBool = HOLD
    delay: Duration = DELAY


def _path_alone(written: Value) -> Value:
    return {"path": written} if isinstance(written, str) else given(written)


def _status_alone(written: Value) -> Value:
    is_number = isinstance(written, int) and not isinstance(written, bool)
    return {"status": written} if is_number else given(written)


RequestIn = Annotated[
    Request | None, BeforeValidator(_path_alone, json_schema_input_type=str | Request)
]
AnswerIn = Annotated[
    Answer | None, BeforeValidator(_status_alone, json_schema_input_type=int | Answer)
]
ReplyIn = Annotated[
    Reply | None, BeforeValidator(_status_alone, json_schema_input_type=int | Reply)
]
