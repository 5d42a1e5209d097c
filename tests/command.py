"""wasmctl run as a process, as a user runs it."""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests import components

WASMCTL = (sys.executable, "-m", "wasmctl")

# Neither colours nor prompts, whatever surrounds the tests.
_PLAIN = {"CI": "true", "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100"}


def wasmctl(
    *words: str | Path, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return run([*WASMCTL, *words], folder=folder, environment=environment)


def run(
    command: Sequence[object],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run any program to its end, without a terminal."""
    return subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=surroundings(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@contextlib.contextmanager
def started(*words: str | Path, folder: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """Start a command in a process group of its own; it is killed if it outlives the block."""
    with subprocess.Popen(
        [*WASMCTL, *map(str, words)],
        cwd=folder,
        env=surroundings(None),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def surroundings(environment: Mapping[str, str] | None) -> dict[str, str]:
    """Return the environment a command is run in: ours, without colours, with additions."""
    return {**os.environ, **_PLAIN, "PYTHONPATH": str(checkout()), **(environment or {})}


def checkout() -> Path:
    """Return the folder of the sources."""
    return Path(__file__).parent.parent


def on_small_disk(options: str, mount: Path, command: Sequence[object]) -> list[object]:
    """Have a command see a tmpfs with these mount options at ``mount``; it ends with the command.

    A mount namespace of its own needs root or, for others, a user namespace.
    """
    components.need_mounts()
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    script = 'mount -t tmpfs -o "$1" tmpfs "$2" && shift 2 && exec "$@"'
    return ["unshare", "--mount", *as_root, "sh", "-c", script, "sh", options, mount, *command]


def without_packages(folder: Path, *names: str) -> str:
    """Return a PYTHONPATH with all that is installed here but these, for ``python -S``."""
    packages = folder / "packages"
    packages.mkdir()
    roots = {re.split("[_-]", name)[0] for name in names}  # with their ``.dist-info``
    for site in {Path(path) for path in sys.path if path.endswith("site-packages")}:
        for entry in site.iterdir():
            if re.split("[_-]", entry.name)[0] not in roots:
                (packages / entry.name).symlink_to(entry)
    return f"{checkout()}{os.pathsep}{packages}"
