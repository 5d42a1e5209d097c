"""What a project may be called."""

import re
from pathlib import Path

from wasmctl.errors import UsageError

# The variable that every built-in template has: the project's name.
NAME = "name"

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NOT_IN_A_LABEL = re.compile(r"[^a-z0-9]+")
_LONGEST_LABEL = 63

# Go takes a folder of this name for copies of packages.
_TAKEN = {"vendor"}


def name_for(folder: Path) -> str:
    """Return the project name that a folder's own name suggests."""
    words = _NOT_IN_A_LABEL.sub("-", folder.resolve().name.lower()).strip("-")
    name = words[:_LONGEST_LABEL].strip("-")
    return "plugin" if name in {"", *_TAKEN} else name


def crate_name(name: str) -> str:
    """Return what Cargo calls a project: its names begin with a letter."""
    return f"plugin-{name}" if name[:1].isdigit() else name


def check_name(name: str) -> str:
    """Return a project's name. Raises UsageError where it is no DNS-1123 label, or taken."""
    if not _LABEL.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be a project's name",
            hint="use a-z, 0-9 and inner hyphens, 63 at most: it will name images and objects",
        )
    if name in _TAKEN:
        raise UsageError(
            f"{name!r} cannot be a project's name", hint="Go has a use of its own for that word"
        )
    return name
