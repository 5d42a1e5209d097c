"""How long ``wasmctl test`` takes on the demo project, as a whole process."""

import sys
from collections.abc import Iterator

from bench import demo
from bench.figures import Figure, medians

ROUNDS = 9


def measure() -> Iterator[Figure]:
    on = [[demo.WASMCTL, "test", "--on", target] for target in ("harness", "envoy")]
    # The interpreter with the libraries that any such command needs: what is not ours.
    imports = [sys.executable, "-c", "import typer.main, pydantic, yaml, wasmtime"]
    harness, envoy, bare = medians([*on, imports], rounds=ROUNDS, folder=demo.project())
    yield Figure(
        what="wasmctl test --on harness, whole process",
        value=harness,
        unit="s",
        beside="Python importing the same libraries",
        other=bare,
    )
    yield Figure(
        what="wasmctl test --on envoy, whole process",
        value=envoy,
        unit="s",
        beside="wasmctl test --on harness",
        other=harness,
    )
