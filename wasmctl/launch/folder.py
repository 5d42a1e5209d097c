"""Run folders: what each run was, is and left behind; the last ten are kept.

A folder belongs to the run's owner until that has ended. It holds ``run.json`` (the record),
``bootstrap.json``, ``plugin.log``, ``envoy.log``, ``config_dump.json`` and ``stats.txt``.
"""

import contextlib
import dataclasses
import json
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from platformdirs import user_state_path

from wasmctl import files, spelling
from wasmctl.errors import TerminatedError, UsageError
from wasmctl.launch import owner
from wasmctl.launch.owner import Owner

KEPT = 10

BOOTSTRAP = "bootstrap.json"
PLUGIN_LOG = "plugin.log"
ENVOY_LOG = "envoy.log"
CONFIG_DUMP = "config_dump.json"
STATS = "stats.txt"
MODULES = "modules"
# What a detached owner itself has to say.
OWNER_LOG = "owner.log"
_RECORD = "run.json"
_PRIVATE = 0o700
# No owner takes longer from its folder to its record.
_BIRTH_SECONDS = 60.0


class State(StrEnum):
    """How far a run is."""

    STARTING = "starting"
    READY = "ready"
    ENDED = "ended"
    FAILED = "failed"
    # Its owner went without a word: SIGKILL, or the machine did.
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class RunPlugin:
    """A plugin of a run: its name there, and which bytes it was."""

    name: str
    kind: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is known of a run.

    Attributes:
        begun: seconds since 1970.
        reason: why it failed.

    """

    name: str
    owner: Owner
    begun: float
    state: State = State.STARTING
    engine: str = ""
    release: str = ""
    machine: str = ""
    url: str = ""
    admin: str = ""
    plugins: tuple[RunPlugin, ...] = ()
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class RunFolder:
    """The folder of one run."""

    path: Path

    @property
    def name(self) -> str:
        """The run's name."""
        return self.path.name

    def record(self) -> Record | None:
        """Return its record; None where it has none that can be read."""
        try:
            return _read(json.loads((self.path / _RECORD).read_text()))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, record: Record) -> None:
        """Write its record."""
        content = json.dumps(dataclasses.asdict(record), indent=2) + "\n"
        files.write(self.path / _RECORD, content.encode())

    def remove_modules(self) -> None:
        """Remove the copies of modules: their digests are in the record."""
        shutil.rmtree(self.path / MODULES, ignore_errors=True)


def _read(fields: dict[str, Any]) -> Record:
    parts = {
        "owner": Owner(**fields["owner"]),
        "plugins": tuple(RunPlugin(**plugin) for plugin in fields["plugins"]),
        "state": State(fields["state"]),
    }
    record = Record(**{**fields, **parts})
    if record.state in {State.STARTING, State.READY} and not record.owner.is_alive:
        return dataclasses.replace(record, state=State.LOST)
    return record


def root() -> Path:
    """Return the folder of all run folders."""
    return user_state_path("wasmctl") / "runs"


def new_name(plugin: str) -> str:
    """Return a name for a run: ``hello-3f9a``."""
    return f"{plugin}-{secrets.token_hex(2)}"


@contextlib.contextmanager
def opened(name: str) -> Iterator[tuple[RunFolder, Record]]:
    """Make the folder of a run and its first record; older folders go, so that KEPT remain.

    When the block ends, the record says how, and the modules' copies go.

    Raises FilesError where the folder cannot be made.
    """
    folder = RunFolder(path=root() / name)
    try:
        folder.path.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    except OSError as error:
        raise files.refusal(error, "create", folder.path) from error
    record = Record(name=name, owner=owner.this_process(), begun=time.time())
    try:
        folder.write(record)
        prune()
        yield folder, record
    except TerminatedError:
        raise  # an end like any other
    except Exception as error:
        _finish(folder, State.FAILED, getattr(error, "message", str(error)))
        raise
    finally:
        _finish(folder, State.ENDED)


def _finish(folder: RunFolder, state: State, reason: str = "") -> None:
    folder.remove_modules()
    record = folder.record()
    if record and record.state in {State.STARTING, State.READY}:
        with contextlib.suppress(Exception):  # a full disk must not hide what went wrong before
            folder.write(dataclasses.replace(record, state=state, reason=reason))


def runs() -> tuple[tuple[RunFolder, Record], ...]:
    """Return all runs with a record, the newest first."""
    try:
        folders = [RunFolder(path=path) for path in root().iterdir()]
    except OSError:
        return ()
    found = [(folder, record) for folder in folders if (record := folder.record())]
    return tuple(sorted(found, key=lambda pair: pair[1].begun, reverse=True))


def find(name: str) -> tuple[RunFolder, Record]:
    """Return the run of that name; the newest for an empty name.

    Raises UsageError where there is none.
    """
    found = runs()
    chosen = [pair for pair in found if name in {"", pair[1].name}]
    if chosen:
        return chosen[0]
    names = [record.name for _folder, record in found]
    raise UsageError(
        f"no run is called {name!r}" if name else "there are no runs",
        hint=spelling.suggestion(name, names) if names else "start one: wasmctl run",
    )


def is_active(record: Record) -> bool:
    """Return whether a run goes on."""
    return record.state in {State.STARTING, State.READY}


def prune(kept: int = KEPT) -> None:
    """Remove the folders of ended runs but the newest; what lost owners left goes first."""
    ended = [pair for pair in runs() if not is_active(pair[1])]
    for folder, record in ended:
        if record.state is State.LOST:
            folder.remove_modules()
    for folder in (*(folder for folder, _record in ended[kept:]), *_stillborn()):
        remove(folder)


def _stillborn() -> Iterator[RunFolder]:
    """Find folders whose owner was killed before it wrote a record."""
    with contextlib.suppress(OSError):  # another process removes them at the same time
        for folder in (RunFolder(path=path) for path in root().iterdir()):
            age = time.time() - folder.path.stat().st_mtime
            if age > _BIRTH_SECONDS and not (folder.path / _RECORD).exists():
                yield folder


def remove(folder: RunFolder) -> None:
    """Remove a run's folder."""
    shutil.rmtree(folder.path, ignore_errors=True)
