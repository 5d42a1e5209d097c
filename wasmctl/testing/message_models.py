"""What a scenario file sends: requests and replies."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from wasmctl.testing.forms import (
    GIVEN,
    Authority,
    Body,
    FieldsIn,
    Method,
    Path,
    Status,
    given,
)
from wasmctl.testing.scalars import Value
from wasmctl.testing.tables import Table


class Request(Table):
    """What the client sends; a bare text is the path."""

    method: Method = None
    path: Path = None
    authority: Authority = None
    scheme: Annotated[Literal["http", "https"] | None, GIVEN] = None
    headers: FieldsIn = ()
    body: Body = None
    trailers: FieldsIn = ()


class Reply(Table):
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
