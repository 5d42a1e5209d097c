"""The calls between host and plugin, from what a target took down: records, or Envoy's lines."""

from wasmctl.testing.observation import Observation


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
    from wasmctl.testing import envoy_traces  # noqa: PLC0415 - as above

    return timeline(observation.trace or envoy_traces.records(observation.calls, "plugin"))
