"""A container's plan as the command that one would type."""

import shlex
from collections.abc import Iterator

from wasmctl.containers.container import Plan


def as_command(plan: Plan) -> str:
    """Return the ``docker run`` that does what a plan says, and no more."""
    return shlex.join(["docker", "run", *_options(plan), plan.image, *plan.command])


def _options(plan: Plan) -> Iterator[str]:
    yield from ("--rm", "--init", "--read-only", "--cap-drop=ALL")
    yield from ("--security-opt=no-new-privileges", f"--user={plan.user}")
    yield from (f"--memory={plan.memory}", f"--pids-limit={plan.processes}")
    yield f"--network={plan.network or 'none'}"
    for mount in plan.mounts:
        end = "" if mount.is_writable else ",readonly"
        yield f"--mount=type=bind,source={mount.source},target={mount.target}{end}"
    for target, name in plan.volumes.items():
        yield f"--mount=type=volume,source={name},target={target}"
    for target in plan.folders:
        yield f"--mount=type=volume,target={target}"
    for target in plan.scratch:
        yield f"--tmpfs={target}:exec,mode=1777"
    for name, value in plan.environment.items():
        yield f"--env={name}={value}"
    if plan.folder:
        yield f"--workdir={plan.folder}"
