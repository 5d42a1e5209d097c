"""The packages a project names: fetched as pinned, and not twice."""

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

from wasmctl import files
from wasmctl.build.engines import trust
from wasmctl.build.engines.base import Ran
from wasmctl.build.job import Job
from wasmctl.errors import DriftError, FilesError, NetworkError, WasmctlError


def install(job: Job) -> None:
    """Fetch the packages of a project, unless those it names are there already.

    Raises NetworkError where they cannot be reached, BuildFailedError where they are refused,
    DriftError where the lock may not change and would have to.
    """
    fetch, stamp = job.language.fetch, job.workshop.stamp
    if job.is_locked:
        _check_lock(job)
    if fetch.vendored and (job.project.root / fetch.vendored).is_file():
        return
    if stamp is None:
        _fetch(job)  # quick where the user's cache has them, and only the tool can tell
    else:
        _fetch_once(job, stamp)


def _check_lock(job: Job) -> None:
    fetch, lock = job.language.fetch, _lock(job)
    if not lock and _names_packages(job):
        raise _drift(job, f"there is no {fetch.lock}")
    if fetch.agrees and not fetch.agrees(_manifest(job), lock):
        raise _drift(job, f"{fetch.lock} does not pin what {fetch.manifest} names")


def _names_packages(job: Job) -> bool:
    agrees = job.language.fetch.agrees
    return agrees is None or not agrees(_manifest(job), b"")


def _drift(job: Job, state: str) -> DriftError:
    fetch = job.language.fetch
    return DriftError(
        f"{state}, and --locked forbids to change it",
        hint=f"build once without --locked, and keep {fetch.lock} with the sources",
    )


def _fetch_once(job: Job, stamp: Path) -> None:
    if stamp.is_file() and files.read(stamp) == _wanted(job):
        return
    files.write(stamp, b"")  # no claim while it is in doubt
    _fetch(job)
    files.write(stamp, _wanted(job))


def _fetch(job: Job) -> None:
    fetch = job.language.fetch
    with _kept_unless_done(job) as lock:
        ran = job.workshop.fetch(fetch.pinned if _is_pinned(job) else fetch.unpinned)
        if ran.exit_code:
            raise _failure(job, ran)
        if job.is_locked and _lock(job) != lock:
            raise _drift(job, f"{fetch.lock} does not pin all that {fetch.manifest} names")


@contextlib.contextmanager
def _kept_unless_done(job: Job) -> Iterator[bytes]:
    """Give the lock, which is put back where the block fails: tools write it in its place."""
    lock, path = _lock(job), job.project.root / job.language.fetch.lock
    try:
        yield lock
    except BaseException:
        with contextlib.suppress(FilesError):  # on a full disk, it is the older failure that counts
            if lock and _lock(job) != lock:
                files.write(path, lock)
        raise


def _wanted(job: Job) -> bytes:
    return hashlib.sha256(_manifest(job) + b"\0" + _lock(job)).hexdigest().encode()


def _is_pinned(job: Job) -> bool:
    agrees = job.language.fetch.agrees
    return agrees(_manifest(job), _lock(job)) if agrees else job.is_locked


def _manifest(job: Job) -> bytes:
    return files.read(job.project.root / job.language.fetch.manifest)


def _lock(job: Job) -> bytes:
    path = job.project.root / job.language.fetch.lock
    return files.read(path) if path.is_file() else b""


def _failure(job: Job, ran: Ran) -> WasmctlError:
    drift = job.drift(ran)
    if drift:
        return drift
    for word in trust.UNKNOWN:
        if any(word in line for line in ran.output):
            return NetworkError(
                f"cannot trust the package registry: {word}",
                hint="name a file with its authority's certificate in [network] ca_file of"
                " wasmctl.toml, or in the variable SSL_CERT_FILE",
                details=job.evidence(ran),
            )
    for word in job.language.fetch.unreachable:
        if any(word in line for line in ran.output):
            return NetworkError(
                f"cannot reach the package registry: {word}",
                hint="check the network and the proxy variables; packages are fetched only once",
                details=job.evidence(ran),
            )
    hint = f"correct {job.language.fetch.manifest} or its lock as the lines above say"
    return job.failure(ran, "install the packages", hint=hint)
