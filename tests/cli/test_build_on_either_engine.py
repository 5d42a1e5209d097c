"""What holds of builds whatever runs them, by a compiler that does what the test says."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.builder_image import DONE
from tests.projects import write
from tests.workbench import Workbench


def test_output_is_live(either_bench: Workbench) -> None:
    folder = either_bench.project(f"echo begun; while [ ! -f go.on ]; do sleep 0.1; done; {DONE}")

    with either_bench.begun(either_bench.words(folder)) as process:
        assert process.stderr
        while process.stderr.readline() != "begun\n":
            pass
        (folder / "go.on").touch()
        output, _ = process.communicate()

    assert output.startswith("built ")


@pytest.mark.parametrize("name", ["with a space", "плагин 'x' \"y\"", "a,b:c"])
def test_a_project_may_have_any_name(either_bench: Workbench, name: str) -> None:
    folder = either_bench.project(f"cat 'an ü file'; {DONE}", name)
    write(folder / "an ü file", "its content\n")

    finished = either_bench.build(folder)

    assert finished.returncode == 0, finished.stderr
    assert "its content" in finished.stderr


def test_two_builds_at_once_take_turns(either_bench: Workbench) -> None:
    folder = either_bench.project(f"sleep 1; {DONE}")

    with (
        either_bench.begun(either_bench.words(folder)) as one,
        either_bench.begun(either_bench.words(folder)) as two,
    ):
        outputs = [process.communicate()[0] for process in (one, two)]

    assert sorted(output.split()[0] for output in outputs) == ["built", "up"]


def test_another_build_elsewhere_gives_the_same_bytes(either_bench: Workbench) -> None:
    """And a compiler finds none of the results of the first."""
    folder = either_bench.project(f'echo "results in ${{GOCACHE:-its own}}"; {DONE}')

    finished = either_bench.build(folder, "--check-reproducible", "--locked")

    assert finished.returncode == 0, finished.stderr
    places = [line for line in finished.stderr.splitlines() if line.startswith("results in ")]
    assert len(places) == len(set(places)) == 2


def test_a_build_that_depends_on_its_surroundings_is_drift(either_bench: Workbench) -> None:
    """A section of the module, of ten bytes with its name, has the time."""
    section = r"""(printf '\0\12\1t'; date +%s%N | tail -c 9 | head -c 8) >> "$2" """
    folder = either_bench.project(f"{DONE}; {section}")

    finished = either_bench.build(folder, "--check-reproducible")

    assert finished.returncode == 13, finished.stderr
    assert "error: not reproducible: sha256:" in finished.stderr


def test_a_fetch_that_fails_leaves_the_lock_as_it_was(either_bench: Workbench) -> None:
    folder = either_bench.project(DONE)
    write(folder / "go.sum", "as it was\n")
    write(folder / "fetch.sh", "echo half of > go.sum; exit 1\n")

    finished = either_bench.build(folder)

    assert finished.returncode == 5
    assert (folder / "go.sum").read_text() == "as it was\n"


def test_a_fetch_that_changes_the_lock_is_drift_where_it_may_not(either_bench: Workbench) -> None:
    folder = either_bench.project(DONE)
    write(folder / "go.sum", "as it was\n")
    write(folder / "fetch.sh", "echo something else > go.sum\n")

    finished = either_bench.build(folder, "--locked")

    assert finished.returncode == 13
    assert "error: go.sum does not pin all that go.mod names" in finished.stderr
    assert (folder / "go.sum").read_text() == "as it was\n"


def test_a_build_that_is_killed_takes_all_with_it_but_what_the_next_removes(
    either_bench: Workbench,
) -> None:
    folder = either_bench.project("echo begun; sh -c 'sleep 1000; true'; true")
    with either_bench.begun(either_bench.words(folder)) as process:
        assert process.stderr
        while process.stderr.readline() != "begun\n":
            pass
        os.killpg(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while either_bench.left and time.monotonic() < deadline:
        time.sleep(0.1)  # others do it
    left = either_bench.left
    write(folder / "build.sh", f"{DONE}\n")

    finished = either_bench.build(folder)

    assert left == []
    assert finished.returncode == 0
    names = {path.name for path in (folder / "dist").iterdir()}
    assert names == {".build.lock", "build.json", "scripted.wasm"}


def test_on_this_machine_a_link_out_of_the_project_is_followed(tmp_path: Path) -> None:
    bench = Workbench("local", tmp_path, "none", None)
    folder = bench.project(f"cat linked.go; {DONE}")
    write(tmp_path / "outside.go", "package outside\n")
    (folder / "linked.go").symlink_to("../outside.go")

    finished = bench.build(folder)

    assert finished.returncode == 0
    assert "package outside" in finished.stderr
