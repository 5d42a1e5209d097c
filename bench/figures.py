"""A measured value beside what it is compared with, and how times are taken."""

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_COLUMNS = "{:<52} {:>10} {:<6} {:<40} {:>10} {:>7}"

HEADING = _COLUMNS.format("what", "value", "unit", "compared with", "value", "ratio")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table; the ratio is ``value`` over ``other``."""

    what: str
    value: float
    unit: str
    beside: str
    other: float

    def __str__(self) -> str:
        numbers = (self.value, self.other, self.value / self.other)
        value, other, ratio = (f"{number:.3f}" for number in numbers)
        return _COLUMNS.format(self.what, value, self.unit, self.beside, other, ratio)


def seconds(command: Sequence[str | Path], folder: Path | None = None) -> float:
    """Return how long a command takes, from its start to its end."""
    begun = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env=os.environ)
    return time.perf_counter() - begun


def medians(
    commands: Sequence[Sequence[str | Path]], *, rounds: int, folder: Path | None = None
) -> list[float]:
    """Return each command's median time; they take turns, so that noise meets all of them."""
    times: list[list[float]] = [[] for _ in commands]
    for _ in range(rounds):
        for command, taken in zip(commands, times, strict=True):
            taken.append(seconds(command, folder))
    return [statistics.median(taken) for taken in times]
