"""The packages a project names: fetched as pinned, and not twice."""

import hashlib
from pathlib import Path

from wasmctl import files
from wasmctl.build.job import Job
from wasmctl.errors import NetworkError, WasmctlError
from wasmctl.processes import Finished

# Kept in the folder of the packages, so that whoever removes that removes the claim with it.
_STAMP = ".installed-by-wasmctl"


def install(job: Job) -> None:
    """Fetch the packages of a project, unless those it names are there already.

    Raises NetworkError where they cannot be reached, BuildFailedError where they are refused.
    """
    fetch, root = job.language.fetch, job.project.root
    if fetch.vendored and (root / fetch.vendored).is_file():
        return
    if fetch.folder is None:
        _fetch(job)  # quick where the user's cache has them, and only the tool can tell
    else:
        _fetch_once(job, root / fetch.folder / _STAMP)


def _fetch_once(job: Job, stamp: Path) -> None:
    if stamp.is_file() and files.read(stamp) == _wanted(job):
        return
    files.write(stamp, b"")  # no claim while it is in doubt
    _fetch(job)
    files.write(stamp, _wanted(job))


def _fetch(job: Job) -> None:
    fetch = job.language.fetch
    finished = job.run(fetch.pinned if _is_pinned(job) else fetch.unpinned)
    if finished.exit_code:
        raise _failure(job, finished)


def _wanted(job: Job) -> bytes:
    return hashlib.sha256(_manifest(job) + b"\0" + _lock(job)).hexdigest().encode()


def _is_pinned(job: Job) -> bool:
    return job.language.fetch.agrees(_manifest(job), _lock(job))


def _manifest(job: Job) -> bytes:
    return files.read(job.project.root / job.language.fetch.manifest)


def _lock(job: Job) -> bytes:
    path = job.project.root / job.language.fetch.lock
    return files.read(path) if path.is_file() else b""


def _failure(job: Job, finished: Finished) -> WasmctlError:
    for word in job.language.fetch.unreachable:
        if any(word in line for line in finished.output):
            return NetworkError(
                f"cannot reach the package registry: {word}",
                hint="check the network and the proxy variables; packages are fetched only once",
                details=job.evidence(finished),
            )
    hint = f"correct {job.language.fetch.manifest} or its lock as the lines above say"
    return job.failure(finished, "install the packages", hint=hint)
