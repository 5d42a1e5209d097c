from dataclasses import replace
from pathlib import Path

from wasmctl import messages
from wasmctl.abi.types import LogLevel
from wasmctl.records import LogLine, Trap, TrapKind
from wasmctl.testing import snapshots
from wasmctl.testing.mismatch import Mismatch
from wasmctl.testing.observation import Callout, Observation, Seen
from wasmctl.testing.snapshots import Snapshots

REQUEST = messages.request(
    "/cart",
    method="POST",
    headers=((b"x-b", b"\xff"), (b"x-request-id", b"random"), (b"x-a", b"1")),
    chunks=(b"one\n", b"two"),
    trailers=((b"x-t", b"end"),),
)
SEEN = Observation(
    configured=True,
    upstream=(Seen(message=REQUEST, complete=False),),
    clients=(Seen(message=messages.response(503)), None),
    callouts=(Callout(kind="http", to="auth", message=messages.request("/check")),),
    logs=(LogLine(level=LogLevel.INFO, text='said "so"\n'),),
    metrics={"b": 2, "a": 1, "of-another-test": 0},
    trap=Trap(kind=TrapKind.UNREACHABLE, callback="proxy_on_log", message="engine's words"),
)
TEXT = """\
upstream, without its end
  :authority: example.test
  :method: POST
  :path: /cart
  :scheme: http
  x-b: \\xff
  x-a: 1
  | one
  | two
  trailer x-t: end
callout to auth
  :authority: example.test
  :method: GET
  :path: /check
  :scheme: http
client
  :status: 503
client: nothing
trap: unreachable in proxy_on_log
log: info said \\"so\\"\\n
metric: a 1
metric: b 2
"""
ONE = snapshots.snapshot("one", SEEN)
OTHER = snapshots.snapshot("one", replace(SEEN, logs=()))


def settled(folder: Path, *found: Mismatch, update: bool = False) -> list[str]:
    return [str(each) for each in Snapshots(folder=folder, update=update).settled(found)]


def test_a_snapshot_holds_all_that_does_not_depend_on_the_machine() -> None:
    assert ONE.snapshot
    assert ONE.snapshot.content.decode() == TEXT


def test_a_snapshot_that_is_not_there_is_missed(tmp_path: Path) -> None:
    (told,) = settled(tmp_path, ONE)

    assert told.startswith("snapshot: expected no such snapshot yet: write it with --update-snap")


def test_a_snapshot_is_written_where_that_is_asked_for(tmp_path: Path) -> None:
    assert settled(tmp_path / "new", ONE, update=True) == []

    assert (tmp_path / "new" / "one.txt").read_text() == TEXT
    assert settled(tmp_path / "new", ONE) == []


def test_the_first_line_that_differs_is_told(tmp_path: Path) -> None:
    settled(tmp_path, ONE, update=True)

    assert settled(tmp_path, OTHER) == [
        'snapshot, line 20: expected log: info said \\"so\\"\\n, saw metric: a 1'
    ]


def test_a_snapshot_that_differs_is_written_anew_where_that_is_asked_for(tmp_path: Path) -> None:
    settled(tmp_path, ONE, update=True)

    assert settled(tmp_path, OTHER, update=True) == []
    assert settled(tmp_path, OTHER) == []


def test_other_mismatches_are_left_alone(tmp_path: Path) -> None:
    other = Mismatch(path="client", expected="this", seen="that")

    assert settled(tmp_path, other, update=True) == ["client: expected this, saw that"]


def test_a_snapshot_that_nobody_names_is_obsolete(tmp_path: Path) -> None:
    file = tmp_path / "cart.wasmtest.yaml"
    settled(snapshots.folder(file), ONE, update=True)

    assert snapshots.obsolete(file, ["one"]) == ()
    assert snapshots.obsolete(file, ["two"]) == (tmp_path / "cart.snapshots" / "one.txt",)


def test_a_plugin_that_does_not_start_has_a_snapshot_too() -> None:
    found = snapshots.snapshot("none", Observation(configured=False, load_error="it said no"))

    assert found.snapshot
    assert found.snapshot.content == b"did not start: it said no\n"
