"""``make bench``: what wasmctl costs, beside something you know. Prints value, unit, ratio.

Absolute figures belong to the machine and its load; the ratios come from one run, the two sides
measured in turn. Name groups to run only those: ``python bench/run.py startup serving``.
"""

import sys
from collections.abc import Callable, Iterator

import serving
import startup
import runs
from figures import Figure

GROUPS: dict[str, Callable[[], Iterator[Figure]]] = {
    "startup": startup.measure,
    "runs": runs.measure,
    "serving": serving.measure,
}


def main() -> None:
    wanted = sys.argv[1:] or list(GROUPS)
    print(f"{'what':<44} {'value':>10} {'unit':<6} {'compared with':<40} {'value':>10} {'ratio':>7}")
    for group in wanted:
        for figure in GROUPS[group]():
            print(figure, flush=True)


if __name__ == "__main__":
    main()
