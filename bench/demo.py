"""The demo plugin, and its like in other languages, built once per run of the benchmarks."""

import atexit
import functools
import subprocess
import sys
import tempfile
from pathlib import Path

WASMCTL = Path(sys.executable).with_name("wasmctl")


@functools.cache
def project(language: str = "assemblyscript") -> Path:
    """Make and build a project as ``make demo`` does; its folder goes with this process."""
    place = tempfile.TemporaryDirectory(prefix="wasmctl-bench-")
    atexit.register(place.cleanup)
    folder = Path(place.name) / "hello"
    _run("init", str(folder), "--lang", language, "--defaults")
    _run("build", "-C", str(folder))
    return folder


def _run(*words: str) -> None:
    subprocess.run([WASMCTL, *words], check=True, capture_output=True)


def module(language: str = "assemblyscript") -> Path:
    """The compiled plugin."""
    return next((project(language) / "dist").glob("*.wasm"))


@functools.cache
def languages() -> tuple[str, ...]:
    """The languages that can be built here; Rust needs its tools, or a Docker Engine."""
    return tuple(language for language in ("assemblyscript", "go", "rust") if _builds(language))


def _builds(language: str) -> bool:
    try:
        project(language)
    except subprocess.CalledProcessError:
        print(f"{language}: cannot be built here, and is left out", file=sys.stderr)
        return False
    return True
