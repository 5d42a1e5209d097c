"""What holds of builds whatever runs them, by a compiler that does what the test says."""

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
    finished = either_bench.build(either_bench.project(DONE), "--check-reproducible", "--locked")

    assert finished.returncode == 0, finished.stderr


def test_a_build_that_depends_on_its_surroundings_is_drift(either_bench: Workbench) -> None:
    """A section of the module, of ten bytes with its name, has the time."""
    section = r"""(printf '\0\12\1t'; date +%s%N | tail -c 9 | head -c 8) >> "$2" """
    folder = either_bench.project(f"{DONE}; {section}")

    finished = either_bench.build(folder, "--check-reproducible")

    assert finished.returncode == 13, finished.stderr
    assert "error: not reproducible: sha256:" in finished.stderr
