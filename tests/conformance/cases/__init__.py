"""Every case, area by area."""

import importlib
import pkgutil
from collections.abc import Iterator

from tests.conformance.case import Case


def _all() -> Iterator[Case]:
    for found in pkgutil.iter_modules(__path__):
        area = importlib.import_module(f"{__name__}.{found.name}")
        yield from area.CASES


CASES: dict[str, Case] = {each.id: each for each in _all()}
