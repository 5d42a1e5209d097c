"""Builds: what a container adds to the command in it, and what is not built again.

``python -m bench.builds`` prints the table of docs/reference/build-times.md: each template in each
language, its times and the size of its module. The image of tools is there before.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.demo import WASMCTL
from bench.figures import Figure, medians
from wasmctl import containers, scaffold
from wasmctl.errors import EnvironmentMissingError

ROUNDS = 3

_HEADING = """\
% Made by: python -m bench.builds > docs/reference/build-times.md

# Build times

Each template in each language, built in a container of Docker Engine {version}, on a machine with
{cores} cores and a load of {load:.0f} when this began; whole commands. *First*: packages are
fetched and everything is compiled, with the image there. *After an edit*: one source has changed.
*Unchanged*: nothing has.

"""

# A line that changes a source, and nothing that it does.
_EDITS = {
    "assemblyscript": ("assembly/index.ts", "// {}\n"),
    "go": ("main.go", "// {}\n"),
    "rust": ("src/lib.rs", "// {}\n"),
}


def measure() -> Iterator[Figure]:
    """Compare a build in a container after an edit with its compiler started alone."""
    try:
        containers.engine()
    except EnvironmentMissingError as error:
        print(f"builds: skipped, {error.message}", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory(prefix="wasmctl-bench-") as place:
        folder = _project(Path(place), scaffold.find("go", "minimal"))
        _build(folder)
        whole, bare = _after_an_edit(folder)
        yield Figure(
            what="build in a container after an edit",
            value=whole,
            unit="s",
            beside="the same container, started by docker",
            other=bare,
        )
        _build(folder)
        (unchanged,) = medians([_words(folder)], rounds=ROUNDS)
        yield Figure(
            what="build in a container, nothing changed",
            value=unchanged,
            unit="s",
            beside="the limit",
            other=0.5,
        )


def _after_an_edit(folder: Path) -> tuple[float, float]:
    """Return the times of a build, and of the compiler's ``docker run`` from its plan."""
    plan = subprocess.run(
        [*_words(folder), "--print-plan", "--format", "json"],
        check=True,
        capture_output=True,
        text=True,
    )
    compiling = json.loads(plan.stdout)["container"][1].replace(
        "/out/step/made.wasm", "/tmp/made.wasm"
    )
    whole, bare = [], []
    for _ in range(ROUNDS):
        whole.append(_timed(lambda: _build(folder), edited=folder))
        bare.append(
            _timed(lambda: subprocess.run(compiling, shell=True, check=True), edited=folder)
        )
    return sorted(whole)[ROUNDS // 2], sorted(bare)[ROUNDS // 2]


def _timed(action: Callable[[], object], *, edited: Path) -> float:
    _edit(edited, "go")
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def _edit(folder: Path, language: str) -> None:
    name, line = _EDITS[language]
    with (folder / name).open("a") as file:
        file.write(line.format(time.monotonic_ns()))


def _project(place: Path, template: scaffold.Template) -> Path:
    folder = place / f"{template.language}-{template.name}"
    scaffold.create(folder, template, {"name": "bench"})
    return folder


def _words(folder: Path) -> list[str | Path]:
    return [WASMCTL, "build", "-C", folder, "--engine", "container"]


def _build(folder: Path) -> None:
    subprocess.run(_words(folder), check=True, capture_output=True, env=os.environ)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One template in one language: seconds, and bytes."""

    template: scaffold.Template
    first: float
    edited: float
    unchanged: float
    size: int
    packed: int

    def __str__(self) -> str:
        times = " | ".join(f"{taken:.1f}" for taken in (self.first, self.edited, self.unchanged))
        sizes = f"{self.size / 1000:,.0f} | {self.packed / 1000:,.0f}"
        return f"| {self.template.name} | {self.template.language} | {times} | {sizes} |"


def rows() -> Iterator[Row]:
    """Build each template in a container: for the first time, after an edit, and for nothing."""
    for template in scaffold.templates():
        with tempfile.TemporaryDirectory(prefix="wasmctl-bench-") as place:
            folder = _project(Path(place), template)
            first, unchanged_after_first = _seconds(folder), _seconds(folder)
            _edit(folder, template.language)
            edited = _seconds(folder)
            module = folder / "dist/bench.wasm"
            yield Row(
                template=template,
                first=first,
                edited=edited,
                unchanged=unchanged_after_first,
                size=module.stat().st_size,
                packed=len(_packed(module)),
            )


def _seconds(folder: Path) -> float:
    begun = time.perf_counter()
    _build(folder)
    return time.perf_counter() - begun


def _packed(module: Path) -> bytes:
    gzip = shutil.which("gzip") or "gzip"
    return subprocess.run([gzip, "-9", "--stdout", module], check=True, capture_output=True).stdout


def main() -> None:
    found, (load, *_) = containers.engine(), os.getloadavg()
    print(_HEADING.format(cores=os.cpu_count(), load=load, version=found.version), end="")
    print("| template | language | first, s | after an edit, s | unchanged, s | kB | gzip, kB |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for row in rows():
        print(row, flush=True)


if __name__ == "__main__":
    main()
