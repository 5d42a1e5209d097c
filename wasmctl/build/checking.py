"""Whether a module would run where it is meant to."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wasmctl import module, profiles
from wasmctl.profiles import Finding
from wasmctl.project import Project


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A module, the names of the proxies it was checked for, and what was found, worst first."""

    path: Path
    hosts: tuple[str, ...]
    findings: tuple[Finding, ...]


def check_project(project: Project, hosts: Sequence[str] = ()) -> Checked:
    """Check a project's module: for these proxies, else those the project names, else all.

    Raises FilesError where it is not built, NotAPluginError where it is no module, UsageError for
    the name of a proxy that is none.
    """
    meant = hosts or project.file.hosts.profiles
    return check_file(project.output, meant, max_size=project.file.build.max_size)


def check_file(path: Path, hosts: Sequence[str] = (), *, max_size: int | None = None) -> Checked:
    """Check a module in a file: for these proxies, else for all; raises as ``check_project``."""
    chosen = profiles.named(hosts)
    found = profiles.check(module.open_module(path), chosen, max_size=max_size)
    return Checked(path=path, hosts=tuple(each.name for each in chosen), findings=found)
