import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wasmctl.errors import FilesError, TerminatedError, UsageError
from wasmctl.launch import folder, owner
from wasmctl.launch.folder import Record, RunFolder, State
from wasmctl.launch.owner import Owner


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def ended(name: str, begun: float, state: State = State.ENDED) -> RunFolder:
    place = RunFolder(path=folder.root() / name)
    place.write(Record(name=name, owner=owner.this_process(), begun=begun, state=state))
    return place


def states() -> dict[str, State]:
    return {record.name: record.state for _place, record in folder.runs()}


def test_a_folder_belongs_to_its_user_alone() -> None:
    with folder.opened("r") as (place, _record):
        mode = place.path.stat().st_mode

    assert mode & 0o077 == 0


def test_a_run_ends_with_its_block_and_its_modules_go() -> None:
    with folder.opened("r") as (place, _record):
        (place.path / "modules").mkdir()
        during = states()

    assert during == {"r": State.STARTING}
    assert states() == {"r": State.ENDED}
    assert not (place.path / "modules").exists()


def test_a_run_that_fails_keeps_the_reason() -> None:
    with pytest.raises(UsageError), folder.opened("r"):
        raise UsageError("too bad", hint="")

    ((_place, record),) = folder.runs()
    assert (record.state, record.reason) == (State.FAILED, "too bad")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), TerminatedError("", hint="")])
def test_a_signal_is_no_failure(error: BaseException) -> None:
    with pytest.raises(type(error)), folder.opened("r"):
        raise error

    assert states() == {"r": State.ENDED}


def test_only_the_newest_of_those_that_ended_are_kept() -> None:
    for number in range(13):
        ended(f"r{number}", begun=number)
    ended("active", begun=0, state=State.READY)

    folder.prune()

    assert states().keys() == {"active", *(f"r{number}" for number in range(3, 13))}


def test_a_run_of_another_life_of_the_same_process_id_is_lost() -> None:
    mine = owner.this_process()
    past = Owner(pid=mine.pid, started=mine.started - 1)
    place = RunFolder(path=folder.root() / "r")
    place.write(Record(name="r", owner=past, begun=1, state=State.READY))

    assert states() == {"r": State.LOST}


def test_a_lost_runs_modules_go_with_the_next_look() -> None:
    place = RunFolder(path=folder.root() / "r")
    place.write(Record(name="r", owner=Owner(pid=2**22, started=1), begun=1, state=State.READY))
    (place.path / "modules").mkdir()

    folder.prune()

    assert not (place.path / "modules").exists()


def test_a_folder_that_never_got_a_record_goes_once_it_is_old() -> None:
    young, old = folder.root() / "young", folder.root() / "old"
    for place in (young, old):
        place.mkdir(parents=True)
    os.utime(old, (0, 0))

    folder.prune()

    assert [place.name for place in folder.root().iterdir()] == ["young"]


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"name": "r", "unknown": 1}'])
def test_what_is_no_record_is_no_run(content: str) -> None:
    place = folder.root() / "r"
    place.mkdir(parents=True)
    (place / "run.json").write_text(content)

    assert folder.runs() == ()


def test_the_newest_run_is_meant_where_none_is_named() -> None:
    ended("old", begun=1)
    ended("new", begun=2)

    assert folder.find("")[1].name == "new"


def test_a_place_that_cannot_be_made_is_named(home: Path) -> None:
    (home / "wasmctl").write_text("a file")

    with pytest.raises(FilesError, match="cannot create"), folder.opened("r"):
        pass


def test_a_record_is_json_for_everybody() -> None:
    place = ended("r", begun=1)

    assert json.loads((place.path / "run.json").read_text())["owner"]["pid"] == os.getpid()


def test_an_owner_is_stopped() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"]) as process:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2].split()
        one = Owner(pid=process.pid, started=int(fields[19]))
        was_alive = one.is_alive
        one.stop()

        assert was_alive
        assert process.wait(60) == -15
