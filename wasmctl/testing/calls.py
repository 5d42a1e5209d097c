"""The calls between host and plugin, from what a target took down: records, or Envoy's lines."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wasmctl.testing.observation import Observation

if TYPE_CHECKING:
    from wasmctl.host import TraceRecord

# What the only plugin is called where nobody named it.
_ONLY = "plugin"


def were_seen(observation: Observation) -> bool:
    """Tell whether a target took down the calls."""
    return bool(observation.trace or observation.calls)


def lines(observation: Observation) -> tuple[str, ...]:
    """Return them as Envoy prints them."""
    # It loads the engine, which not every target needs.
    from wasmctl.host import envoy_lines  # noqa: PLC0415

    return envoy_lines(observation.trace) if observation.trace else observation.calls


def told(observation: Observation) -> tuple[str, ...]:
    """Return them as people read them."""
    from wasmctl.host import timeline  # noqa: PLC0415 - as above

    return timeline(_records(observation))


def as_json(observation: Observation) -> list[dict[str, Any]]:
    """Return them as plain values."""
    from wasmctl.testing import traces  # noqa: PLC0415 - as above

    return traces.as_json(_records(observation))


def _records(observation: Observation) -> "tuple[TraceRecord, ...]":
    from wasmctl.testing import envoy_traces  # noqa: PLC0415 - as above

    if observation.trace:
        return tuple(_named(record, observation) for record in observation.trace)
    name = observation.plugins[0] if len(observation.plugins) == 1 else ""
    return envoy_traces.records(observation.calls, name or _ONLY)


def _named(record: "TraceRecord", observation: Observation) -> "TraceRecord":
    """Call a plugin as its scenario does; one without a name got one for the run only."""
    nameless = record.plugin and record.plugin not in observation.plugins
    return replace(record, plugin=_ONLY) if nameless else record
