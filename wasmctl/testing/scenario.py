"""The models of a scenario file: what an author may write, key by key."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StrictBool, ValidationError
from pydantic_core import ErrorDetails

from wasmctl.testing.expectation_models import ExpectationIn
from wasmctl.testing.forms import (
    GIVEN,
    Cases,
    Configuration,
    Matrix,
    Name,
    OctetsByName,
    Properties,
    Reason,
    Tags,
    Targets,
    Text,
    Variables,
)
from wasmctl.testing.message_models import ReplyIn, RequestIn
from wasmctl.testing.neighbours import Neighbours
from wasmctl.testing.plugin_models import HostSettings, PluginSettings
from wasmctl.testing.scalars import Value
from wasmctl.testing.step_models import Step
from wasmctl.testing.tables import Table
from wasmctl.testing.upstream_models import Upstreams

PLUGINS: Any = Field(
    default=None,
    description="Instead of plugin: several, in the order in which requests meet them.",
)
UPSTREAMS: Any = Field(default={}, description="What callouts meet, by the name of their cluster.")
SHARED_DATA: Any = Field(
    default={}, description="What plugins find in their shared data when they start."
)
PROPERTIES: Any = Field(
    default=(), description="What plugins find of metadata, filter state and the like."
)


class Test(Table):
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
    plugins: Annotated[tuple[PluginSettings, ...] | None, GIVEN] = PLUGINS
    host: HostSettings = Field(default_factory=HostSettings)
    upstreams: Upstreams = UPSTREAMS
    shared_data: OctetsByName = SHARED_DATA
    properties: Properties = PROPERTIES
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


class Defaults(Table):
    """What every message of the file has that does not say otherwise."""

    request: RequestIn = None
    reply: ReplyIn = None


class SuiteFile(Table):
    """A scenario file: tests of one plugin."""

    model_config = ConfigDict(title="A wasmctl scenario file (*.wasmtest.yaml)")

    wasmtest: Literal[1] = Field(description="The version of this format.")
    name: Text = ""
    description: Text = ""
    tags: Tags = Field(default=(), description="Tags of all its tests.")
    targets: Targets = Field(default=None, description="Where the tests of this file run.")
    include: tuple[str, ...] = Field(
        default=(), description="Files whose vars, plugin, upstreams, steps, tests … come first."
    )
    vars: Variables = Field(default={}, description="Values for placeholders: ${name}.")
    plugin: PluginSettings = Field(default_factory=PluginSettings)
    plugins: Annotated[tuple[PluginSettings, ...] | None, GIVEN] = PLUGINS
    host: HostSettings = Field(default_factory=HostSettings)
    upstreams: Upstreams = UPSTREAMS
    shared_data: OctetsByName = SHARED_DATA
    properties: Properties = PROPERTIES
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


def validate_step(written: Value, neighbours: Neighbours | None = None) -> Step:
    """Return what a step says; raises ValueError where it cannot be understood."""
    return Step.model_validate(written, context=neighbours)
