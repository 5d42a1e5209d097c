"""What tests need of the machine: where it is missing, a skip here, and a failure in CI."""

import functools
import os
import shutil
import subprocess
from typing import NoReturn

import pytest

# Debian's packages, where they are not called as the program is.
_PACKAGES = {
    "dockerd": "docker.io",
    "docker": "docker.io",
    "htpasswd": "apache2-utils",
    "ctr": "containerd",
    "unshare": "util-linux",
}


def need(*programs: str) -> None:
    """Let a test go on only where all these programs are on PATH."""
    missing = [name for name in programs if not shutil.which(name)]
    if missing:
        packages = " ".join(_PACKAGES.get(name, name) for name in missing)
        refuse(f"{', '.join(missing)} is not installed: apt-get install {packages}")


def need_root(purpose: str) -> None:
    """Let a test go on only for root."""
    if os.geteuid() != 0:
        refuse(f"{purpose} needs root")


def need_mounts() -> None:
    """Let a test go on only where a process may mount in a namespace of its own."""
    need("unshare")
    if not _may_mount():
        refuse("mounting a small disk is not allowed here: it needs root, or user namespaces")


@functools.cache
def _may_mount() -> bool:
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    script = "mount -t tmpfs tmpfs /tmp"
    command = ["unshare", "--mount", *as_root, "sh", "-c", script]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def need_terminals() -> None:
    """Let a test go on only where there are pseudo-terminals."""
    try:
        for end in os.openpty():
            os.close(end)
    except OSError as error:
        refuse(f"there are no pseudo-terminals here: {error.strerror}")


def refuse(reason: str) -> NoReturn:
    """End a test that cannot run here; in CI nothing may be missing."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
