"""What an image says of itself: annotations from the project, the module and the clock.

``created`` is SOURCE_DATE_EPOCH, else the time of the project's last commit, else 1970: never the
time of the push, so that the same module from the same sources has the same digest.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime

from wasmctl import processes
from wasmctl.errors import DefinitionError, UsageError
from wasmctl.oci.manifest import TITLE
from wasmctl.oci.module_file import ModuleFile
from wasmctl.project import FILE_NAME, Project

CREATED = "org.opencontainers.image.created"
MODULE_DIGEST = "dev.wasmctl.module.digest"
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
    derived = {
        TITLE: table.name,
        "org.opencontainers.image.version": table.version,
        "org.opencontainers.image.description": table.description,
        "org.opencontainers.image.licenses": table.license,
        CREATED: _rfc3339(_created(project)),
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


def _created(project: Project) -> int:
    wanted = os.environ.get("SOURCE_DATE_EPOCH")
    if wanted is None:
        return _commit_time(project)
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= _SECONDS_DIGITS:
        return int(wanted)
    raise UsageError(
        f"SOURCE_DATE_EPOCH is {wanted!r}, not a number of seconds",
        hint="set it to the seconds since 1970 in UTC, or unset it",
    )


def _commit_time(project: Project) -> int:
    if not processes.find("git"):
        return 0
    finished = processes.run(["git", "log", "-1", "--format=%ct"], folder=project.root)
    last = finished.output[-1] if finished.output else ""
    return int(last) if finished.exit_code == 0 and last.isdigit() else 0


def _rfc3339(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
