"""Preflight: a plugin is started by an Envoy that serves nothing and opens no port.

``--mode validate`` compiles the module, starts and configures it as a real start does, so what
refuses, traps, crashes Envoy or never ends does so there.
"""

import contextlib
import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

from wasmctl.envoy import death, launch
from wasmctl.envoy.engines.base import Engine
from wasmctl.launch.order import Order
from wasmctl.launch.wiring import Wiring

_FOLDER = "preflight"
_END_SECONDS = 5.0


def check(order: Order, engine: Engine, place: Path) -> None:
    """Check all that is in an order, with files in a folder below ``place``.

    Raises EnvoyFailedError where Envoy would refuse it or die, DeadlineError where a plugin does
    not start in the order's time.
    """
    with _folder(place) as folder:
        site = engine.site(folder)
        wiring = Wiring(
            order=dataclasses.replace(order, reload=False, port=0, admin_port=0),
            site=site,
            folder=folder,
        )
        wiring.write()
        arguments = [*_arguments(order, site.path(folder / "bootstrap.json")), "--mode", "validate"]
        with site.started(arguments) as machine, launch.reading(machine) as journal:
            ended = machine.wait(order.ready_seconds)
            if ended is None:
                raise death.late(journal, order.ready_seconds)
            journal.join()
            if ended.code != 0:
                raise death.died(ended, journal)


def _arguments(order: Order, bootstrap: str) -> list[str]:
    return [
        *("--config-path", bootstrap),
        *("--concurrency", str(order.concurrency)),
        *launch.ARGUMENTS,
        # In this mode Envoy does not look at the levels of single components.
        *("--log-level", "trace"),
    ]


@contextlib.contextmanager
def _folder(place: Path) -> Iterator[Path]:
    folder = place / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
