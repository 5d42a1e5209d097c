"""``make fuzz``: runs made at random against the host, in processes of their own.

``python -m tests.fuzz.run --seconds 60`` runs for a minute; ``--cases`` for so many cases,
``--first`` with other ones, ``--plugin FILE`` with modules that were built for real as well. A
process that dies, hangs or grows is reported with the number of its case; so is an exception that
the host should not have raised. ``--case N`` runs one of them here.
"""

import argparse
import contextlib
import gc
import itertools
import multiprocessing
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from tests.fuzz import cases
from tests.fuzz.play import Tally, play

_BATCH = 25
_HANGS_SECONDS = 120.0
_WINDOW = 20  # batches whose sizes are compared with those of later ones
_MOST_GROWTH = 64 << 20
_PROCESSES = 2


@dataclass
class Findings:
    """What was found, and what was reached until then.

    Attributes:
        faults: for each message, the cases in which it was met.
        growth: bytes by which a process has grown since its first cases.

    """

    tally: Tally = field(default_factory=Tally)
    faults: dict[str, list[int]] = field(default_factory=dict)
    growth: int = 0
    seconds: float = 0.0

    def add(self, fault: str, case: int) -> None:
        """Take note of a fault."""
        self.faults.setdefault(fault, []).append(case)


def fuzz(*, seconds: float, count: int, first: int = 0, plugins: Sequence[Path] = ()) -> Findings:
    """Run cases until time is over, or so many."""
    findings = Findings()
    began = time.monotonic()
    batches = iter(range(first, first + count, _BATCH))
    with contextlib.ExitStack() as ends:
        workers = [_Worker(plugins) for _ in range(_PROCESSES)]
        for worker in workers:
            ends.callback(worker.end)
        while True:
            is_late = time.monotonic() - began > seconds
            for worker in workers:
                if (
                    not worker.is_busy
                    and not is_late
                    and (start := next(batches, None)) is not None
                ):
                    worker.begin(range(start, min(start + _BATCH, first + count)))
            busy = [worker for worker in workers if worker.is_busy]
            if not busy:
                break
            ready = wait([worker.results for worker in busy], timeout=1.0)
            for worker in busy:
                worker.look(findings, is_ready=worker.results in ready)
    findings.seconds = time.monotonic() - began
    return findings


class _Worker:
    """A process that runs batches of cases; another takes its place when it dies."""

    def __init__(self, plugins: Sequence[Path]) -> None:
        self._plugins = plugins
        self._start()

    def _start(self) -> None:
        # A fresh interpreter: what a fork would share is not what users have.
        context = multiprocessing.get_context("spawn")
        self._case = context.Value("q", -1)
        self.results, theirs = context.Pipe()
        self._process = context.Process(
            target=_work, args=(theirs, self._case, tuple(self._plugins)), daemon=True
        )
        self._process.start()
        theirs.close()
        self._batch: range | None = None
        self._since = 0.0
        self._seen = -1

    @property
    def is_busy(self) -> bool:
        """Whether it has a batch."""
        return self._batch is not None

    def begin(self, batch: range) -> None:
        """Give it cases to run."""
        self._batch = batch
        self._since = time.monotonic()
        self.results.send(batch)

    def look(self, findings: Findings, *, is_ready: bool) -> None:
        """Take its results, if there are any; see whether it lives and goes on."""
        if is_ready:
            try:
                self._take(findings, *self.results.recv())
            except (EOFError, ConnectionError):
                self._replace(findings, "died")
        elif self._case.value != self._seen:
            self._seen, self._since = self._case.value, time.monotonic()
        elif time.monotonic() - self._since > _HANGS_SECONDS:
            self._process.kill()
            self._replace(findings, "hung")

    def _take(
        self, findings: Findings, tally: Tally, faults: list[tuple[str, int]], growth: int
    ) -> None:
        _merge(findings.tally, tally)
        for fault, case in faults:
            findings.add(fault, case)
        findings.growth = max(findings.growth, growth)
        self._batch = None

    def _replace(self, findings: Findings, word: str) -> None:
        """Go on behind the case at which it ended."""
        self._process.join()
        case, batch = self._case.value, self._batch
        findings.add(f"the process {word}: {self._process.exitcode}", case)
        self._start()
        if batch and case + 1 < batch.stop:
            self.begin(range(case + 1, batch.stop))

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self.results.close()


def _work(results: Connection, case: "Synchronized[int]", plugins: tuple[Path, ...]) -> None:
    """Run batches, in a process of its own, until there are no more."""
    sizes: list[int] = []
    with contextlib.suppress(EOFError):
        while True:
            tally = Tally()
            faults = list(_faults(results.recv(), case, plugins, tally))
            sizes.append(_resident())
            results.send((tally, faults, _growth(sizes)))


def _growth(sizes: list[int]) -> int:
    """Compare the smallest sizes of now with those after the first batches.

    A bomb leaves a process large for some time, and a leak for good.
    """
    if len(sizes) < 3 * _WINDOW:
        return 0
    return min(sizes[-_WINDOW:]) - min(sizes[_WINDOW : 2 * _WINDOW])


def _faults(
    batch: range, case: "Synchronized[int]", plugins: tuple[Path, ...], tally: Tally
) -> Iterator[tuple[str, int]]:
    for number in batch:
        case.value = number
        try:
            play(cases.case(number, plugins), number, tally)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
            frame = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(frame.filename).name}:{frame.lineno}"
            yield f"{type(error).__name__}: {error} ({place})", number


def _resident() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _merge(into: Tally, other: Tally) -> None:
    into.cases += other.cases
    into.runs += other.runs
    into.reached += other.reached
    into.loaded += other.loaded
    into.traps += other.traps
    into.statuses += other.statuses
    into.kinds += other.kinds


def report(findings: Findings) -> Iterator[str]:
    """Tell what was reached, as a table, and what was found."""
    tally = findings.tally
    yield from _table(tally.statuses)
    yield ""
    rate = tally.runs / findings.seconds
    yield f"{tally.runs:,} runs in {findings.seconds:.0f} s, {rate:.0f} a second"
    share = tally.reached / max(tally.runs, 1)
    yield f"{tally.reached:,} reached a hostcall ({share:.0%})"
    yield f"{tally.cases:,} hosts, of which {tally.loaded:,} started"
    yield "kinds: " + _counted(tally.kinds)
    yield "ended by: " + _counted(tally.traps)
    first = _WINDOW * _BATCH
    yield f"a process grew by {findings.growth >> 20} MiB after its first {first:,} cases"
    for fault, met in findings.faults.items():
        yield f"FAULT in {len(met)} cases, the first {met[0]}: {fault}"


def _table(statuses: Counter[tuple[str, str]]) -> Iterator[str]:
    width = max((len(name) for name, _ in statuses), default=0)
    for name, group in itertools.groupby(sorted(statuses), key=lambda key: key[0]):
        counted = (f"{status} {statuses[name, status]:,}" for _, status in group)
        yield f"{name:{width}}  {', '.join(counted)}"


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counter.most_common())


def is_sound(findings: Findings) -> bool:
    """Whether nothing was found, and enough was reached."""
    tally = findings.tally
    return (
        not findings.faults and 2 * tally.reached >= tally.runs and findings.growth < _MOST_GROWTH
    )


def main() -> None:
    """Run as the arguments say; the exit code is 1 where something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--cases", type=int, default=1_000_000_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--plugin", type=Path, action="append", default=[])
    parser.add_argument("--case", type=int)
    wanted = parser.parse_args()
    if wanted.case is not None:
        play(cases.case(wanted.case, wanted.plugin), wanted.case, Tally())
        return
    findings = fuzz(
        seconds=wanted.seconds, count=wanted.cases, first=wanted.first, plugins=wanted.plugin
    )
    sys.stdout.write("\n".join(report(findings)) + "\n")
    sys.exit(not is_sound(findings))


if __name__ == "__main__":
    main()
