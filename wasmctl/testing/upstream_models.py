"""What callouts meet: the clusters around a plugin, as a scenario file says them."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool, ValidationError

from wasmctl.testing import readers
from wasmctl.testing.blame import Blame
from wasmctl.testing.expectation_models import ExpectedMessage
from wasmctl.testing.forms import GIVEN, Duration, Times, errors_of
from wasmctl.testing.message_models import DELAY, FAIL, HOLD, AnswerIn
from wasmctl.testing.scalars import Value
from wasmctl.testing.tables import Table


class Rule(Table):
    """What becomes of some callouts: of those that fit, or of all."""

    when: Annotated[ExpectedMessage | None, GIVEN] = Field(
        default=None, description="What a callout must be for this rule. Default: anything."
    )
    reply: AnswerIn = Field(default=None, description="The answer. Default: 200 without a body.")
    fail: Annotated[Literal["reset", "timeout"] | None, GIVEN] = FAIL
    hold: StrictBool = HOLD
    delay: Duration = DELAY
    times: Annotated[Times | None, GIVEN] = Field(
        default=None, description="For how many callouts it is good. Default: for any number."
    )


class Upstream(Table):
    """A cluster that callouts lead to: rules, or one thing that it does with all of them."""

    rules: tuple[Rule, ...] = Field(default=(), description="The first that fits is followed.")
    otherwise: AnswerIn = Field(
        default=None, description="The answer to what no rule is for. Default: the test fails."
    )
    reply: AnswerIn = Field(default=None, description="The answer to every callout.")
    fail: Annotated[
        Literal["reset", "timeout", "refused", "no_healthy", "unknown"] | None, GIVEN
    ] = FAIL
    hold: StrictBool = HOLD
    delay: Duration = DELAY


def _names(written: Value) -> Value:
    blame = Blame()
    readers.cluster_names(written, blame)
    if blame.wrongs:
        raise ValidationError.from_exception_data("", errors_of(blame, written))
    return written


Upstreams = Annotated[dict[str, Upstream], BeforeValidator(_names)]
