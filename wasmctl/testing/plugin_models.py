"""How plugins and the host around them are started, as a scenario file says it."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StrictBool

from wasmctl.testing.forms import (
    GIVEN,
    Configuration,
    Duration,
    LevelName,
    Names,
    Natural,
    OptionalText,
    Text,
    Time,
)
from wasmctl.testing.tables import Table

FailPolicy: TypeAlias = Literal["closed", "open", "reload"]

_BACKOFF = Field(
    default=0, description="With reload: how long until a VM that failed is replaced. Default: 1s."
)


class Capabilities(Table):
    """What a plugin may call and be called with: only this, or all but that."""

    allow: Annotated[Names | None, GIVEN] = None
    deny: Annotated[Names | None, GIVEN] = None


class PluginSettings(Table):
    """``plugin``: what differs from the project file; paths are relative to the scenario file."""

    name: OptionalText = Field(default=None, description="Its name, where there are several.")
    wasm: OptionalText = Field(default=None, description="The module. Default: the project's.")
    config: Configuration = Field(
        default=None, description="Its configuration: a text, or a map or list that becomes JSON."
    )
    config_file: OptionalText = Field(default=None, description="The file with its configuration.")
    vm_config: Configuration = Field(default=None, description="The configuration of its VM.")
    root_id: OptionalText = Field(
        default=None, description="Which of the module's plugins is meant."
    )
    vm_id: OptionalText = Field(
        default=None, description="Plugins of one vm_id, module and VM configuration share a VM."
    )
    env: dict[str, Text] = Field(default={}, description="The environment of the plugin's VM.")
    fail_open: Annotated[StrictBool | None, GIVEN] = Field(
        default=None,
        description="The old flag: where the plugin fails, its streams pass, this one too.",
    )
    fail_policy: Annotated[FailPolicy | None, GIVEN] = Field(
        default=None, description="What becomes of streams once the VM has failed."
    )
    reload_backoff: Duration = _BACKOFF
    capabilities: Annotated[Capabilities | None, GIVEN] = Field(
        default=None,
        description="{allow: [NAME, …]}: the only hostcalls and callbacks there are for it;"
        " {deny: [NAME, …]}: all but these.",
    )
    allow_on_headers_stop_iteration: Annotated[StrictBool | None, GIVEN] = Field(
        default=None, description="Whether pausing in headers lets the body come. Default: no."
    )


class ClockSettings(Table):
    """The clock that plugins see on the embedded host."""

    mode: Annotated[Literal["virtual"] | None, GIVEN] = None
    start: Time = Field(default=None, description="Its time at the start: 2026-01-01T00:00:00Z.")


class RandomSettings(Table):
    """The random numbers that plugins see on the embedded host."""

    seed: Natural = 0


class LimitSettings(Table):
    """What a plugin may use on the embedded host."""

    memory: Annotated[Natural | None, GIVEN] = Field(default=None, description="Bytes.")
    fuel: Annotated[Natural | None, GIVEN] = None
    wall: Duration = Field(default=0, description="Of one callback.")


class HostSettings(Table):
    """``host``: the proxy around the plugins."""

    profile: Annotated[Literal["envoy"] | None, GIVEN] = Field(
        default=None, description="Whose semantics: envoy, the only one so far."
    )
    clock: ClockSettings = Field(
        default_factory=ClockSettings,
        description="{mode: virtual, start: 2026-01-01T00:00:00Z}, on the embedded host.",
    )
    random: RandomSettings = Field(
        default_factory=RandomSettings, description="{seed: N}, on the embedded host."
    )
    limits: LimitSettings = Field(
        default_factory=LimitSettings,
        description="{memory: BYTES, fuel: N, wall: 1s}, on the embedded host.",
    )
    log_level: LevelName = Field(default=None, description="Messages below it are dropped.")
    buffer_limit: Annotated[Natural | None, GIVEN] = Field(
        default=None, description="Bytes of a body that are kept while a stream is paused."
    )
    fail_policy: Annotated[FailPolicy | None, GIVEN] = Field(
        default=None, description="Of every plugin that does not say its own."
    )
    reload_backoff: Duration = _BACKOFF
