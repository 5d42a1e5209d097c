import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from tests.command import on_small_disk, run
from wasmctl import files
from wasmctl.errors import FilesError


def test_what_is_written_is_read(tmp_path: Path) -> None:
    files.write(tmp_path / "a/b/file", b"one")
    files.write(tmp_path / "a/b/file", b"two")

    assert files.read(tmp_path / "a/b/file") == b"two"
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["file"]


def test_the_users_umask_narrows_the_mode(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        files.write(tmp_path / "file", b"")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600


def test_a_missing_file_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(FilesError) as caught:
        files.read(tmp_path / "absent")

    assert caught.value.message == f"cannot read {tmp_path}/absent: No such file or directory"
    assert caught.value.hint == "check the path: no file or folder has that name"


def test_a_folder_is_no_file_to_write(tmp_path: Path) -> None:
    (tmp_path / "folder/inside").mkdir(parents=True)

    with pytest.raises(FilesError, match="Is a directory"):
        files.write(tmp_path / "folder", b"content")

    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


_WRITE = """
import sys
from pathlib import Path
from wasmctl import files
from wasmctl.errors import FilesError
folder = Path(sys.argv[1])
(folder / "file").write_text("old")
try:
    files.write(folder / "file", b"x" * 100_000)
except FilesError as error:
    print(error.message, error.hint, sep="\\n")
print((folder / "file").read_text(), len(list(folder.iterdir())))
"""


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    script = [sys.executable, "-c", _WRITE, tmp_path]

    finished = run(on_small_disk("size=16k", tmp_path, script))

    assert finished.stdout.splitlines() == [
        f"cannot write {tmp_path}/file: No space left on device",
        "free some space on that disk, then run the command again",
        "old 1",
    ]


def test_a_lock_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    waits, entered = threading.Event(), threading.Event()

    def second() -> None:
        with files.locked(tmp_path / "lock", on_wait=waits.set):
            entered.set()

    thread = threading.Thread(target=second)
    with files.locked(tmp_path / "lock"):
        thread.start()
        assert waits.wait(30)
        assert not entered.is_set()
    thread.join(30)

    assert entered.is_set()


def test_a_free_lock_is_not_waited_for(tmp_path: Path) -> None:
    waited: list[str] = []

    for _ in range(2):
        with files.locked(tmp_path / "lock", on_wait=lambda: waited.append("waited")):
            pass

    assert waited == []


def test_a_lock_that_cannot_be_made_is_an_error_of_files(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(FilesError, match="cannot lock"), files.locked(tmp_path / "file/lock"):
        pass
