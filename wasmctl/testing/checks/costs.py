"""What the plugin may cost: fuel, memory, size, time."""

from collections.abc import Iterator

from wasmctl.testing.expectation_models import Expectation
from wasmctl.testing.mismatch import Mismatch, number
from wasmctl.testing.observation import Observation


def fuel(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge what it consumed."""
    return number("fuel", expectation.fuel, observation.fuel)


def memory(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge its linear memory, in pages of 64 KiB."""
    if expectation.memory is not None:
        yield from number("memory.pages", expectation.memory.pages, observation.pages)
        yield from number("memory.growth", expectation.memory.growth, observation.growth)


def size(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge the bytes of its module."""
    return number("size", expectation.size, observation.size)


def time(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge how many milliseconds passed."""
    if expectation.time is not None:
        yield from number("time.elapsed", expectation.time.elapsed, observation.elapsed)
