"""What an engine finds, or what shows only when a module starts.

Most modules have no start section and look at no root id: they are not started. A build asks each
time, also where there is nothing to do, so what came of a start is kept in the user's cache.
"""

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from platformdirs import user_cache_path

from wasmctl import __version__, files
from wasmctl.build.setup import ROOT_ID_PROPERTY, Setup
from wasmctl.errors import FilesError
from wasmctl.module import Module
from wasmctl.profiles import Finding, Level


def findings(
    content: bytes, read: Module, setup: Setup, *, validates: bool = True
) -> tuple[Finding, ...]:
    """Return what an engine would refuse, if asked to, else what is wrong with a module's start."""
    found: list[Finding] = []
    if validates and (found := _validity(content)):
        return tuple(found)
    if read.has_start and any(each.kind == "function" for each in read.imports):
        found += _remembered(f"start {read.digest}", lambda: _start_section(content))
    if setup.root_id is not None and _asks_for_root_id(content):
        found += _remembered(f"root {read.digest} {setup}", lambda: _root_id(content, setup))
    return tuple(found)


def _validity(content: bytes) -> list[Finding]:
    from wasmctl.host import validation  # noqa: PLC0415 - the host takes its time to load

    mistake = validation.mistake(content)
    told = f"it is refused: it is no valid WebAssembly: {mistake}"
    hint = "build the module again: what made it has a mistake, or the file is damaged"
    return [Finding(rule="valid", level=Level.ERROR, message=told, hint=hint)] if mistake else []


def _start_section(content: bytes) -> list[Finding]:
    from wasmctl.build import starting  # noqa: PLC0415 - the host takes its time to load

    return starting.start_section(content)


def _root_id(content: bytes, setup: Setup) -> list[Finding]:
    from wasmctl.build import starting  # noqa: PLC0415 - the host takes its time to load

    return starting.root_id(content, setup)


def _asks_for_root_id(content: bytes) -> bool:
    return any(ROOT_ID_PROPERTY.encode(coding) in content for coding in ("utf-8", "utf-16-le"))


def _remembered(key: str, find: Callable[[], list[Finding]]) -> list[Finding]:
    # What another program found is none of ours.
    ours = f"{__version__} {Path(__file__).stat().st_mtime_ns}"
    name = hashlib.sha256(f"{ours} {key}".encode()).hexdigest()
    place = user_cache_path("wasmctl") / "trials" / f"{name}.json"
    known = _known(place)
    if known is not None:
        return known
    found = find()
    content = json.dumps([dataclasses.asdict(each) for each in found])
    with contextlib.suppress(FilesError):  # a home that cannot be written to costs time, no more
        files.write(place, content.encode())
    return found


def _known(place: Path) -> list[Finding] | None:
    try:
        entries = json.loads(place.read_bytes())
        return [Finding(**each | {"level": Level(each["level"]), "hosts": ()}) for each in entries]
    except (OSError, ValueError, TypeError, KeyError):
        return None
