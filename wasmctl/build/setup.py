"""How a plugin will be set up, as far as that is known before it is deployed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# The property by which a module asks for its root id.
ROOT_ID_PROPERTY = "plugin_root_id"


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What a proxy will start a plugin with.

    Attributes:
        root_id: None where nobody said which of the module's plugins is meant.

    """

    root_id: str | None = None
    configuration: bytes = b""
    environment: Mapping[str, str] = field(default_factory=dict)
