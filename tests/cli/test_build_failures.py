"""Each row of the table in docs/reference/build-failures.md, made to happen."""

import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import components
from tests.builder_image import DONE, as_user
from tests.command import checkout, run
from tests.docker_engine import closed_to_most
from tests.projects import write
from tests.workbench import Finished, Workbench
from wasmctl import plugin

_SOMEBODY = 12345

# Half of it lines, half of it one line without an end.
_FLOOD = """
yes $(head -c 500 /dev/zero | tr '\\0' x) | head -c 50000000
tr '\\0' x < /dev/zero | head -c 50000000; exit 3
"""

Case = Callable[[Workbench, Path], Finished]


class Row(NamedTuple):
    """A line of the table; in texts, ``…`` stands for anything."""

    what: str
    engine: str
    code: str
    error: str
    hint: str


def _rows() -> list[Row]:
    page = (checkout() / "docs/reference/build-failures.md").read_text()
    cells = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    return [Row(*each) for each in cells[1:]]


def _script(text: str, *words: str) -> Case:
    """Return what happens where the compiler does this."""

    def happen(bench: Workbench, folder: Path) -> Finished:
        write(folder / "build.sh", f"{text}\n")
        return bench.build(folder, *words)

    return happen


def _no_engine(bench: Workbench, folder: Path) -> Finished:
    nowhere = {"DOCKER_HOST": f"unix://{folder}/docker.sock"}
    return run(bench.words(folder), environment=bench.environment | nowhere)


def _forbidden_engine(bench: Workbench, folder: Path) -> Finished:
    with closed_to_most(bench.engine):
        return _as_somebody(bench, folder)


def _as_somebody(bench: Workbench, folder: Path, *, owning: str = "dist") -> Finished:
    components.need("setpriv")
    components.need_root("becoming another user")
    for path in [bench.temporary, folder / owning, *(folder / owning).iterdir()]:
        os.chown(path, _SOMEBODY, _SOMEBODY)
    words = as_user(_SOMEBODY, bench.words(Path()))
    return run(words, folder=folder, environment=bench.environment)


def _forbidden_project(bench: Workbench, folder: Path) -> Finished:
    (folder / "dist").chmod(0o555)
    (folder / "dist/.build.lock").chmod(0o444)
    (folder / "mine").mkdir()
    return _as_somebody(bench, folder, owning="mine")


def _image(name: str) -> Case:
    return lambda bench, folder: bench.build(folder, "--image", name)


def _full_engine(bench: Workbench, folder: Path) -> Finished:
    """Build with a cache that takes no folder."""
    return _with_cache(bench, folder, "nr_inodes=2")


def _full_for_compiler(bench: Workbench, folder: Path) -> Finished:
    if bench.name == "container":
        write(folder / "build.sh", "head -c 1000000 /dev/zero > /cache/x || exit 1\n")
        return _with_cache(bench, folder, "size=64k,mode=1777")
    write(folder / "build.sh", "head -c 1000000 /dev/zero > $(dirname $7)/x || exit 1\n")
    return bench.build_on_disk("size=200k", folder)


def _with_cache(bench: Workbench, folder: Path, options: str) -> Finished:
    """Build with a cache volume that is a small disk."""
    volume = bench.cache_of(folder)
    run(["docker", "volume", "rm", volume], environment=bench.environment)
    disk = ("--opt=type=tmpfs", "--opt=device=tmpfs", f"--opt=o={options}")
    label = f"--label=wasmctl.image={bench.image}"
    made = run(["docker", "volume", "create", *disk, label, volume], environment=bench.environment)
    assert made.returncode == 0, made.stderr
    try:
        return bench.build(folder)
    finally:
        run(["docker", "volume", "rm", volume], environment=bench.environment)


def _full_project(bench: Workbench, folder: Path) -> Finished:
    write(folder / "build.sh", f"{DONE}\n# again\n")
    return bench.build_on_disk("size=1m", folder, "cat /dev/zero > ballast 2>&-; true")


def _read_only_project(bench: Workbench, folder: Path) -> Finished:
    return bench.build_on_disk("size=1m", folder, "mount -o remount,ro .")


def _too_little_memory(bench: Workbench, folder: Path) -> Finished:
    with (folder / "wasmctl.toml").open("a") as file:
        file.write("memory_mb = 64\n")
    return _script("tail /dev/zero")(bench, folder)


def _link_out(bench: Workbench, folder: Path) -> Finished:
    write(folder.parent / "outside.go", "package outside\n")
    (folder / "linked.go").symlink_to("../outside.go")
    return bench.build(folder)


def _no_registry(bench: Workbench, folder: Path) -> Finished:
    write(folder / "fetch.sh", "echo dial tcp 127.0.0.1:9: connect: connection refused; exit 1\n")
    return bench.build(folder)


def _flooded(bench: Workbench, folder: Path) -> Finished:
    """Build with little memory for wasmctl itself."""
    write(folder / "build.sh", _FLOOD)
    words = ["sh", "-c", 'ulimit -v 2000000; exec "$@"', "sh", *bench.words(folder)]
    finished = run(words, environment=bench.environment)
    assert len(finished.stderr) > 100_000_000
    return finished


def _interrupted(bench: Workbench, folder: Path) -> Finished:
    write(folder / "build.sh", "echo begun; sleep 1000\n")
    words = bench.words(folder)
    with bench.begun(words) as process:
        assert process.stderr
        while process.stderr.readline() != "begun\n":
            pass
        os.killpg(process.pid, signal.SIGINT)
        output, errors = process.communicate()
    return Finished([], process.returncode, output, errors)


_CASES: dict[str, Case] = {
    "no Docker Engine answers": _no_engine,
    "the engine is not for you": _forbidden_engine,
    "the image cannot be had": _image("127.0.0.1:9/none:1"),
    "the image lacks a tool": _image("debian:13-slim"),
    "the engine's disk is full when a build begins": _full_engine,
    "the disk is full when the compiler writes": _full_for_compiler,
    "the project's disk is full": _full_project,
    "the project is on a read-only disk": _read_only_project,
    "the project is somebody else's": _forbidden_project,
    "the compiler refuses the sources": _script("echo main.go:1: wrong; exit 3"),
    "the compiler fails, and has written a module": _script(f"{DONE}; exit 3"),
    "the compiler ends well, and has written none": _script("true"),
    "the compiler prints 100 MB and fails": _flooded,
    "the compiler changes the project": _script("echo > /src/main.go || exit 1"),
    "the compiler needs more memory than there is": _script("kill -9 $$"),
    "the compiler needs more memory than it gets": _too_little_memory,
    "the compiler starts too many processes": _script(
        "for i in $(seq 600); do sleep 60 & done || exit 1"
    ),
    "a source is a link out of the project": _link_out,
    "the registry of packages is out of reach": _no_registry,
    "the build does not end in time": _script("sleep 1000", "--timeout", "3"),
    "Ctrl-C": _interrupted,
}


def _named(row: Row) -> str:
    place = "locally" if row.engine == "local" else "in_a_container"
    return f"{row.what}, {place}"


@pytest.fixture
def one_bench(row: Row, request: pytest.FixtureRequest, tmp_path: Path) -> Workbench:
    """A place for builds with the engine of a row."""
    if row.engine == "local":
        return Workbench("local", tmp_path, "none", None)
    found: Workbench = request.getfixturevalue("bench")
    return found


@pytest.mark.parametrize("row", _rows(), ids=_named)
def test_what_goes_wrong_is_told_and_leaves_all_as_it_was(row: Row, one_bench: Workbench) -> None:
    folder = one_bench.built()
    module = (folder / "dist/scripted.wasm").read_bytes()

    finished = _CASES[row.what](one_bench, folder)

    assert str(finished.returncode) == row.code, finished.stderr
    told = finished.stderr.splitlines()
    assert re.search(_pattern(f"error: {row.error}"), _line(told, "error: ")), finished.stderr
    assert re.search(_pattern(row.hint), _line(told, "hint: ")), finished.stderr
    assert "Traceback" not in finished.stderr
    assert one_bench.left == []
    assert sorted(path.name for path in (folder / "dist").iterdir()) == [
        ".build.lock",
        "build.json",
        "scripted.wasm",
    ]
    assert (folder / "dist/scripted.wasm").read_bytes() == module
    loaded = plugin.open_plugin(folder / "dist/scripted.wasm")
    assert json.loads((folder / "dist/build.json").read_text())["digest"] == loaded.digest


def test_the_table_has_every_case() -> None:
    assert {row.what for row in _rows()} == set(_CASES)


def _line(lines: list[str], beginning: str) -> str:
    return next((line for line in lines if line.startswith(beginning)), "")


def _pattern(text: str) -> str:
    return ".*".join(re.escape(part) for part in text.split("…"))
