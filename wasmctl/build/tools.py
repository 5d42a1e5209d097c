"""Where the programs of a build are: on PATH, or in a Python package that brings them."""

import importlib.util
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from wasmctl import processes
from wasmctl.errors import EnvironmentMissingError
from wasmctl.languages.base import Tool

_VERSION = r"v?(\d+(?:\.\d+)+).*"
# Some have one number, which is a version only behind the tool's own name.
_NUMBER = r"(\d+(?:\.\d+)*).*"


@dataclass(frozen=True, kw_only=True)
class Located:
    """A tool found on this machine.

    Attributes:
        command: how it is started.
        source: ``PATH``, or the name of the Python package it came with.

    """

    tool: Tool
    command: tuple[str, ...]
    version: str
    source: str

    @property
    def is_sufficient(self) -> bool:
        """Whether its version is one that works."""
        return is_sufficient(self.tool, self.version)


def locate(tool: Tool) -> Located:
    """Return the tool to use: the first of its copies that is new enough.

    Raises EnvironmentMissingError where there is none.
    """
    found = []
    for copy in copies(tool):
        if copy.is_sufficient:
            return copy
        found.append(copy)
    raise missing(tool, found)


def copies(tool: Tool) -> Iterator[Located]:
    """Yield the copies of a tool that start, in the order in which they are preferred."""
    for source, command in _places(tool):
        version = _version(tool, command)
        if version:
            yield Located(tool=tool, command=command, version=version, source=source)


def missing(tool: Tool, found: list[Located]) -> EnvironmentMissingError:
    """Say that there is no tool of a sufficient version, and which ones there are."""
    oldest = ".".join(map(str, tool.minimum))
    there = ", ".join(f"{copy.version} ({copy.source})" for copy in found)
    state = f"{tool.title} {there} is too old" if found else f"{tool.title} is not installed"
    return EnvironmentMissingError(
        f"{state}: version {oldest} or newer is needed",
        hint=tool.remedy,
    )


def is_there(tool: Tool) -> bool:
    """Return whether there is any copy of a tool, of whatever version."""
    return next(_places(tool), None) is not None


def _places(tool: Tool) -> Iterator[tuple[str, tuple[str, ...]]]:
    on_path = processes.find(tool.name)
    if on_path:
        yield "PATH", (str(on_path),)
    package = _package_folder(tool.package) if tool.package else None
    if package:
        yield tool.package, tuple(str(package / part) for part in tool.package_command)


def _package_folder(name: str) -> Path | None:
    # The package is found, not imported: only its files matter.
    spec = importlib.util.find_spec(name)
    locations = spec.submodule_search_locations if spec else None
    return Path(locations[0]) if locations else None


def _version(tool: Tool, command: tuple[str, ...]) -> str | None:
    asked = [*command, *tool.version.words[1:]]
    try:
        finished = processes.run(asked, environment=tool.version.environment)
    except EnvironmentMissingError:
        return None
    return version_in(tool, finished.output)


def version_in(tool: Tool, output: Iterable[str]) -> str | None:
    """Return the version that a tool prints, None where it prints none."""
    form = _NUMBER if tool.banner else _VERSION
    line_with_it = re.compile(re.escape(tool.banner) + form)
    matches = (line_with_it.fullmatch(line.strip()) for line in output)
    return next((match[1] for match in matches if match), None)


def is_sufficient(tool: Tool, version: str) -> bool:
    """Return whether a version of a tool is one that works."""
    return tuple(int(part) for part in version.split(".")) >= tool.minimum
