"""How a plugin is started, as a scenario file says it."""

from pydantic import Field

from wasmctl.testing.forms import (
    Configuration,
    OptionalText,
    Text,
)
from wasmctl.testing.tables import Table


class PluginSettings(Table):
    """``plugin``: what differs from the project file; paths are relative to the scenario file."""

    wasm: OptionalText = Field(default=None, description="The module. Default: the project's.")
    config: Configuration = Field(
        default=None, description="Its configuration: a text, or a map or list that becomes JSON."
    )
    config_file: OptionalText = Field(default=None, description="The file with its configuration.")
    root_id: OptionalText = None
    vm_id: OptionalText = None
    env: dict[str, Text] = Field(default={}, description="The environment of the plugin's VM.")
