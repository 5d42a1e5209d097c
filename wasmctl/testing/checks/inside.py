"""What can be seen inside the host: what plugins share, what they call, their mistakes."""

from collections.abc import Iterator

from wasmctl.testing.expectation_models import Expectation
from wasmctl.testing.mismatch import Mismatch, compare, number
from wasmctl.testing.observation import Observation
from wasmctl.testing.octets import as_text


def shared_data(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge the values that machines share."""
    for key, matcher in expectation.shared_data.items():
        value = observation.shared_data.get(key.encode(errors="surrogateescape"))
        values = () if value is None else (as_text(value),)
        yield from compare(f"shared_data.{key}", matcher, values)


def queues(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge what waits in the queues."""
    for name, wanted in expectation.queues.items():
        waiting = observation.queues.get(name)
        path = f"queues.{name}"
        if waiting is None or not wanted.exists:
            if wanted.exists or waiting is not None:
                seen = "no such queue" if waiting is None else f"{len(waiting)} waiting"
                yield Mismatch(path=path, expected=wanted.words, seen=seen)
        elif wanted.count is not None:
            yield from number(path, wanted.count, len(waiting))
        else:
            yield from compare(path, wanted.items, tuple(map(as_text, waiting)))


def metrics(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge gauges by their value, counters by what was added."""
    for name, matcher in expectation.metrics.items():
        value = observation.metrics.get(name)
        values = () if value is None else (str(value),)
        yield from compare(f"metrics.{name}", matcher, values, str)


def hostcalls(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge how often the plugin called what."""
    for name, matcher in expectation.hostcalls.items():
        yield from number(f"hostcalls.{name}", matcher, observation.hostcalls.get(name, 0))


def unimplemented(_expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Miss what the plugin called and this target does not have."""
    if observation.unimplemented:
        names = ", ".join(observation.unimplemented)
        yield Mismatch(path="hostcalls", expected="only those this target has", seen=names)


def hazards(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge mistakes: none that is not expected, and each that is."""
    wanted = expectation.hazards
    for hazard in observation.hazards:
        if hazard.name not in wanted:
            seen = f"{hazard.name}: {hazard.words}"
            expected = ", ".join(wanted) or "none"
            yield Mismatch(path="hazards", expected=expected, seen=seen)
    names = {hazard.name for hazard in observation.hazards}
    for name in wanted:
        if name not in names:
            yield Mismatch(path="hazards", expected=name, seen=", ".join(sorted(names)) or "none")
