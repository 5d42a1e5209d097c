"""``make bench``: what wasmctl costs, beside something you know. Prints value, unit, ratio.

Absolute figures belong to the machine and its load; the ratios come from one run, the two sides
measured in turn. Name groups to run only those: ``python -m bench.run startup serving``.
"""

import sys
from collections.abc import Callable, Iterator

from bench import (
    builds,
    crossing,
    images,
    loading,
    running,
    runs,
    scaling,
    scenarios,
    serving,
    startup,
)
from bench.figures import HEADING, Figure

GROUPS: dict[str, Callable[[], Iterator[Figure]]] = {
    "startup": startup.measure,
    "builds": builds.measure,
    "runs": runs.measure,
    "scenarios": scenarios.measure,
    "running": running.measure,
    "serving": serving.measure,
    "crossing": crossing.measure,
    "loading": loading.measure,
    "scaling": scaling.measure,
    "images": images.measure,
}


def main() -> None:
    wanted = sys.argv[1:] or list(GROUPS)
    print(HEADING)
    for group in wanted:
        for figure in GROUPS[group]():
            print(figure, flush=True)


if __name__ == "__main__":
    main()
