"""Running scenarios in several processes.

A worker reads the files itself, because a test holds functions, which do not travel; what travels
is which tests it is to play, and their results. A file is played on Envoy by one worker, so that it
has one Envoy; on the embedded host, where a test costs little, it is cut.
"""

import contextlib
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from wasmctl import project
from wasmctl.testing import suite
from wasmctl.testing.play import AS_USUAL, Manner, play_suite
from wasmctl.testing.report import Result
from wasmctl.testing.suite import Suite
from wasmctl.testing.targets import TARGETS

# Pieces for each worker: enough that none is idle long, few enough to be worth their way.
_PIECES = 4


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """Tests of a file for one target: their numbers in the file, and their names here."""

    path: Path
    root: Path | None
    target: str
    tests: tuple[tuple[int, str], ...]
    manner: Manner


def played(
    suites: Sequence[Suite],
    targets: Sequence[str],
    root: Path | None,
    *,
    workers: int,
    manner: Manner = AS_USUAL,
) -> Iterator[Result]:
    """Play tests in several processes; give the results in the order of one process.

    ``root`` is the folder of the project, if there is one. Raises what a target raises where it
    cannot run at all.
    """
    pieces = [replace(piece, manner=manner) for piece in _pieces(suites, targets, root, workers)]
    # A fresh interpreter: what this one has open is not meant for two.
    fresh = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=fresh, initializer=_begin)
    try:
        running: list[Future[list[Result]]] = [pool.submit(_play, piece) for piece in pieces]
        for future in running:
            yield from future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    # Ctrl-C reaches the whole group; the first process ends the others in good order.
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _pieces(
    suites: Sequence[Suite], targets: Sequence[str], root: Path | None, workers: int
) -> Iterator[_Piece]:
    total = sum(len(each.scenarios) for each in suites)
    size = max(1, -(-total // (workers * _PIECES)))
    for each in suites:
        tests = tuple((scenario.number, scenario.name) for scenario in each.scenarios)
        for target in targets:
            step = len(tests) if target == "envoy" else size
            for start in range(0, len(tests), step):
                part = tests[start : start + step]
                yield _Piece(path=each.path, root=root, target=target, tests=part, manner=AS_USUAL)


def _play(piece: _Piece) -> list[Result]:
    home = project.load(piece.root) if piece.root else None
    (whole,) = suite.open_suites([piece.path], home)
    chosen = tuple(replace(whole.scenarios[number], name=name) for number, name in piece.tests)
    wanted = replace(whole, scenarios=chosen)
    return list(play_suite(wanted, TARGETS[piece.target](), piece.manner))
