"""How long ``wasmctl --help`` and ``--version`` take, beside a bare typer program."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure, medians

ROUNDS = 15
BARE = """
import typer

app = typer.Typer()

@app.command()
def hello(name: str = "you") -> None:
    "Say hello."

@app.command()
def bye(name: str = "you") -> None:
    "Say goodbye."

app()
"""


def measure() -> Iterator[Figure]:
    wasmctl = Path(sys.executable).with_name("wasmctl")
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE)
        help_, version, other = medians(
            [[wasmctl, "--help"], [wasmctl, "--version"], [sys.executable, bare, "--help"]],
            rounds=ROUNDS,
        )
    for flag, value in (("--help", help_), ("--version", version)):
        yield Figure(
            what=f"wasmctl {flag}", value=value, unit="s", beside="bare typer --help", other=other
        )
