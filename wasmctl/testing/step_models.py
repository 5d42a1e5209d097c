"""The steps of a test, as a scenario file writes them."""

from typing import Annotated

from pydantic import Field

from wasmctl.testing.expectation_models import ExpectationIn
from wasmctl.testing.forms import (
    GIVEN,
    Times,
)
from wasmctl.testing.message_models import ReplyIn, RequestIn
from wasmctl.testing.tables import Table


class HttpStep(Table):
    """``http``: one request, and what must be seen of it."""

    request: RequestIn = None
    reply: ReplyIn = None
    expect: ExpectationIn = Field(
        default=None, description="What must be seen since this step began."
    )


class RepeatStep(Table):
    """``repeat``: the same steps several times."""

    times: Times
    steps: tuple["Step", ...]
    expect: ExpectationIn = Field(
        default=None, description="What must be seen of all the runs together, once, at their end."
    )


class Step(Table):
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
