"""A project beside files that are there."""

from pathlib import Path

import pytest

from tests.foreign_templates import foreign
from tests.projects import write
from wasmctl import scaffold
from wasmctl.errors import FilesError
from wasmctl.scaffold import Existing


@pytest.fixture
def template(tmp_path: Path) -> scaffold.Template:
    """Return a template with three files, one of them in a folder."""
    folder = foreign(tmp_path / "theirs", files={"sub/a.txt": "theirs", "z.txt": "theirs"})
    with scaffold.opened(str(folder)) as opened:
        return opened


def test_skip_leaves_what_is_there(template: scaffold.Template, tmp_path: Path) -> None:
    write(tmp_path / "new/z.txt", "mine")

    made = scaffold.create(tmp_path / "new", template, {}, existing=Existing.SKIP)

    assert made.kept == (Path("z.txt"),)
    assert (tmp_path / "new/z.txt").read_text() == "mine"
    assert (tmp_path / "new/sub/a.txt").read_text() == "theirs"


def test_overwrite_replaces_files_of_the_same_name_alone(
    template: scaffold.Template, tmp_path: Path
) -> None:
    write(tmp_path / "new/z.txt", "mine")
    write(tmp_path / "new/sub/mine.txt", "mine")

    made = scaffold.create(tmp_path / "new", template, {}, existing=Existing.OVERWRITE)

    assert made.replaced == (Path("z.txt"),)
    assert (tmp_path / "new/z.txt").read_text() == "theirs"
    assert (tmp_path / "new/sub/mine.txt").read_text() == "mine"


def test_a_link_is_replaced_and_not_followed(template: scaffold.Template, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere.txt", "mine")
    (tmp_path / "new").mkdir()
    (tmp_path / "new/z.txt").symlink_to(tmp_path / "elsewhere.txt")

    scaffold.create(tmp_path / "new", template, {}, existing=Existing.OVERWRITE)

    assert (tmp_path / "elsewhere.txt").read_text() == "mine"
    assert not (tmp_path / "new/z.txt").is_symlink()


def test_a_preview_says_the_same_and_changes_nothing(
    template: scaffold.Template, tmp_path: Path
) -> None:
    write(tmp_path / "new/z.txt", "mine")

    planned = scaffold.preview(tmp_path / "new", template, {}, existing=Existing.OVERWRITE)

    assert planned.replaced == (Path("z.txt"),)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["z.txt"]
    assert (tmp_path / "new/z.txt").read_text() == "mine"


@pytest.mark.parametrize("existing", [Existing.SKIP, Existing.OVERWRITE])
def test_a_folder_in_the_way_of_a_file_is_refused_before_anything_is_moved(
    template: scaffold.Template, tmp_path: Path, existing: Existing
) -> None:
    (tmp_path / "new/z.txt").mkdir(parents=True)

    with pytest.raises(FilesError, match="is a folder"):
        scaffold.create(tmp_path / "new", template, {}, existing=existing)

    assert [path.name for path in (tmp_path / "new").iterdir()] == ["z.txt"]


def test_a_file_in_the_way_of_a_folder_takes_all_back(
    template: scaffold.Template, tmp_path: Path
) -> None:
    write(tmp_path / "new/notes.txt", "mine")
    write(tmp_path / "new/sub", "mine")

    with pytest.raises(FilesError):
        scaffold.create(tmp_path / "new", template, {}, existing=Existing.OVERWRITE)

    there = {path.name: path.read_text() for path in (tmp_path / "new").iterdir()}
    assert there == {"notes.txt": "mine", "sub": "mine"}
