"""How a plugin is set up: what Envoy's ``PluginConfig`` and ``VmConfig`` say, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypedDict

from wasmctl.plugin import Plugin

_SECOND = 1_000_000_000


class FailurePolicy(StrEnum):
    """What becomes of streams once a plugin's machine has failed."""

    FAIL_CLOSED = "FAIL_CLOSED"  # they are answered with 503
    FAIL_OPEN = "FAIL_OPEN"  # they pass it, but for the one on which it failed
    FAIL_RELOAD = "FAIL_RELOAD"  # it is started anew, after some time of 503


@dataclass(frozen=True, kw_only=True)
class PluginSettings:
    """One plugin of a chain.

    Attributes:
        plugin: the module, opened or as bytes.
        name: the plugin's name in Envoy's configuration.
        root_id: which of the module's plugins is meant.
        configuration: what the plugin reads when it is configured.
        vm_id: the name under which machines share data; with the same module, VM configuration
            and environment, plugins share the machine itself.
        vm_configuration: what the plugin may read at any time.
        environment: the variables of its machine.
        fail_open: let streams pass it once its machine has failed, the one it failed on, too.
        failure_policy: the same question, as it is asked since; only one of the two may be set.
        reload_backoff: nanoseconds from one start to the next, with FAIL_RELOAD.
        allow_on_headers_stop_iteration: whether STOP_ITERATION of a headers callback still lets
            body callbacks run; else it holds all.
        capabilities: the hostcalls and callbacks it may use; None, or no name at all, for all.

    """

    plugin: Plugin | bytes
    name: str = "plugin"
    root_id: str = ""
    configuration: bytes = b""
    vm_id: str = ""
    vm_configuration: bytes = b""
    environment: Mapping[str, str] = field(default_factory=dict)
    fail_open: bool = False
    failure_policy: FailurePolicy = FailurePolicy.FAIL_CLOSED
    reload_backoff: int = _SECOND
    allow_on_headers_stop_iteration: bool = False
    capabilities: frozenset[str] | None = None


class PluginOptions(TypedDict, total=False):
    """What `PluginSettings` has besides the plugin, as keywords."""

    name: str
    root_id: str
    configuration: bytes
    vm_id: str
    vm_configuration: bytes
    environment: Mapping[str, str]
    fail_open: bool
    failure_policy: FailurePolicy
    reload_backoff: int
    allow_on_headers_stop_iteration: bool
    capabilities: frozenset[str] | None
