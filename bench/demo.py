"""The demo plugin, built once per run of the benchmarks."""

import atexit
import functools
import subprocess
import sys
import tempfile
from pathlib import Path

WASMCTL = Path(sys.executable).with_name("wasmctl")


@functools.cache
def project() -> Path:
    """Make and build the project of ``make demo``; its folder goes with this process."""
    place = tempfile.TemporaryDirectory(prefix="wasmctl-bench-")
    atexit.register(place.cleanup)
    folder = Path(place.name) / "hello"
    _run("init", str(folder), "--lang", "assemblyscript", "--defaults")
    _run("build", "-C", str(folder))
    return folder


def _run(*words: str) -> None:
    subprocess.run([WASMCTL, *words], check=True, capture_output=True)


def module() -> Path:
    """The compiled plugin."""
    return next((project() / "dist").glob("*.wasm"))
