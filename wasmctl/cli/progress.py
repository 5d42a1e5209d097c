"""Transfers on a terminal: a bar for what takes a while; elsewhere, lines."""

import contextlib
import sys
from collections.abc import Callable, Iterator

from wasmctl.cli.output import console, note

_SMALLEST_SHOWN = 1_000_000


@contextlib.contextmanager
def transfers() -> Iterator[tuple[Callable[[str], None], Callable[[str, int, int], None]]]:
    """Give what shows lines of progress, and what shows how many bytes have passed."""
    if not sys.stderr.isatty():
        yield note, lambda _name, _passed, _size: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TransferSpeedColumn

    columns = ("{task.description}", BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def count(name: str, passed: int, size: int) -> None:
            if size < _SMALLEST_SHOWN:
                return
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=size)
            bars.update(tasks[name], completed=passed)

        yield bars.console.print, count
