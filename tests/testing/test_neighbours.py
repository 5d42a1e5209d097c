import os
from pathlib import Path

import pytest

from wasmctl.testing import neighbours
from wasmctl.testing.neighbours import MAX_SIZE, NeighbourError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a scenario file in `tests`, and a secret beside the project."""
    root = tmp_path / "project"
    (root / "tests").mkdir(parents=True)
    (root / "data.bin").write_bytes(b"data")
    (tmp_path / "secret").write_text("secret")
    (root / "tests/link").symlink_to(tmp_path / "secret")
    (root / "tests/self").symlink_to("self")
    os.mkfifo(root / "tests/pipe")
    with (root / "tests/huge").open("wb") as file:
        file.truncate(MAX_SIZE + 1)
    return root


def test_files_of_the_project_are_read(project: Path) -> None:
    around = neighbours.of(project / "tests/a.yaml", project)

    assert around.read("../data.bin") == b"data"


def test_without_a_project_the_scenarios_folder_is_the_border(project: Path) -> None:
    around = neighbours.of(project / "tests/a.yaml", None)

    with pytest.raises(NeighbourError, match="leads out of"):
        around.read("../data.bin")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../secret", "leads out of"),
        ("link", "leads out of"),
        ("/etc/passwd", "leads out of"),
        ("/dev/zero", "leads out of"),
        ("none", "no file 'none' beside"),
        (".", "is not a file"),
        ("pipe", "is not a file"),
        ("huge", "has more than 16,777,216 bytes"),
        ("a\0b", "cannot be read"),
        ("x" * 5000, "cannot be read"),
        ("self", "self"),
    ],
)
def test_no_name_leads_elsewhere(project: Path, name: str, reason: str) -> None:
    around = neighbours.of(project / "tests/a.yaml", project)

    with pytest.raises(NeighbourError, match=reason):
        around.read(name)
