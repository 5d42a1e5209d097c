"""The demo plugin, built once per run of the benchmarks."""

import functools
import subprocess
import sys
import tempfile
from pathlib import Path

WASMCTL = Path(sys.executable).with_name("wasmctl")


@functools.cache
def project() -> Path:
    """Make and build the project of ``make demo``; its folder stays for this process."""
    folder = Path(tempfile.mkdtemp(prefix="wasmctl-bench-")) / "hello"
    for words in (["init", folder, "--lang", "assemblyscript", "--defaults"], ["build", "-C", folder]):
        subprocess.run([WASMCTL, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return folder


def module() -> Path:
    """The compiled plugin."""
    return next((project() / "dist").glob("*.wasm"))
