"""What an image says of itself: annotations from the project, the module and the clock.

``created`` is SOURCE_DATE_EPOCH, else the time of the project's last commit, else 1970: never the
time of the push, so that the same module from the same sources has the same digest.
"""

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from wasmctl import processes
from wasmctl.errors import DefinitionError, UsageError
from wasmctl.oci.manifest import TITLE
from wasmctl.oci.module_file import ModuleFile
from wasmctl.project import FILE_NAME, Project

CREATED = "org.opencontainers.image.created"
MODULE_DIGEST = "dev.wasmctl.module.digest"
REVISION = "org.opencontainers.image.revision"
SOURCE = "org.opencontainers.image.source"
VARIANT = "module.wasm.image/variant"

_OURS = "dev.wasmctl."
_SECONDS_DIGITS = 11  # the year 5138: what has more digits counts milliseconds


def describe(project: Project, module: ModuleFile) -> dict[str, str]:
    """Return the annotations of a project's image.

    Those of the project file win over what is derived, but cannot change what is measured.

    Raises DefinitionError where they try, UsageError where SOURCE_DATE_EPOCH is not a number.
    """
    table, own = project.file.project, project.file.image.annotations
    _check_free(own)
    commit_time, revision = _last_commit(project)
    derived = {
        TITLE: table.name,
        "org.opencontainers.image.version": table.version,
        "org.opencontainers.image.description": table.description,
        "org.opencontainers.image.licenses": table.license,
        CREATED: _rfc3339(_created(commit_time)),
        **_git_facts(project, revision),
        "dev.wasmctl.language": table.language,
        MODULE_DIGEST: module.digest,
        "dev.wasmctl.module.size": str(module.size),
        "dev.wasmctl.proxy-wasm.abi": module.abi_version.value,
    }
    return {key: text for key, text in {**derived, **own}.items() if text}


def _check_free(own: Mapping[str, str]) -> None:
    taken = [key for key in own if key.startswith(_OURS) or key in {CREATED, VARIANT}]
    if taken:
        raise DefinitionError(
            f"{FILE_NAME}: [image] annotations set {taken[0]!r}, which wasmctl measures itself",
            hint="remove that annotation",
        )


def _created(commit_time: int) -> int:
    wanted = os.environ.get("SOURCE_DATE_EPOCH")
    if wanted is None:
        return commit_time
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= _SECONDS_DIGITS:
        return int(wanted)
    raise UsageError(
        f"SOURCE_DATE_EPOCH is {wanted!r}, not a number of seconds",
        hint="set it to the seconds since 1970 in UTC, or unset it",
    )


def _last_commit(project: Project) -> tuple[int, str]:
    """Return the time and the name of the project's last commit; 0 and nothing without one."""
    found = re.fullmatch(
        "([0-9]+) ([0-9a-f]{40,64})", _git(project, "log", "-1", "--format=%ct %H")
    )
    return (int(found[1]), found[2]) if found else (0, "")


def _git_facts(project: Project, revision: str) -> dict[str, str]:
    """Return the commit, unless files were changed since, and where its repository is."""
    if not revision or _git(project, "status", "--porcelain", "--", "."):
        return {}
    origin = _public(_git(project, "config", "--get", "remote.origin.url"))
    return {REVISION: revision, SOURCE: origin}


def _public(url: str) -> str:
    """Return a repository's address as a stranger may see it: without user or password."""
    over_ssh = re.fullmatch(r"(?:ssh://)?[^/@:]+@([^/:]+)(?::\d+)?[:/](.+)", url)
    if over_ssh:
        url = f"https://{over_ssh[1]}/{over_ssh[2]}"
    found = re.fullmatch(r"(https?://)(?:[^/@]*@)?([^/@?#]+/[^@?#]+)", url)
    return f"{found[1]}{found[2]}".removesuffix(".git") if found else ""


def _git(project: Project, *words: str) -> str:
    """Return the last line of what git says of the project's folder, or nothing."""
    if not processes.find("git"):
        return ""
    finished = processes.run(["git", *words], folder=project.root)
    return finished.output[-1] if finished.exit_code == 0 and finished.output else ""


def _rfc3339(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
