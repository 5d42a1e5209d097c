"""Whether a module would run where it is meant to."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wasmctl import files, module, profiles
from wasmctl.build import trial
from wasmctl.build.setup import Setup
from wasmctl.errors import FilesError, NotAPluginError
from wasmctl.profiles import Finding
from wasmctl.project import Project

# V8's own limit, and far beyond the 256 MiB that gateways read of an image.
_LARGEST_MODULE = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A module, the names of the proxies it was checked for, and what was found, worst first.

    Attributes:
        name: where it was found: its path, or the image it is in.
        assumed: those of the proxies whose rules were read, and not seen in a running one.

    """

    name: str
    hosts: tuple[str, ...]
    assumed: tuple[str, ...]
    findings: tuple[Finding, ...]


def check_project(
    project: Project,
    hosts: Sequence[str] = (),
    *,
    root_id: str | None = None,
    max_size: int | None = None,
    validates: bool = True,
) -> Checked:
    """Check a project's module: for these proxies, else those the project names, else all.

    ``root_id`` and ``max_size`` are the project's own unless given. What a compiler has just made
    need not be validated.
    Raises FilesError where it is not built, NotAPluginError where it is no module, UsageError for
    the name of a proxy that is none.
    """
    own = project.file.plugin
    setup = Setup(
        # A project of several plugins may name none, and its scenarios each.
        root_id=root_id if root_id is not None else own.root_id or None,
        configuration=_configuration(project),
        environment=own.env,
    )
    meant = hosts or project.file.hosts.profiles
    allowed = max_size or project.file.build.max_size
    return check_file(project.output, meant, max_size=allowed, setup=setup, validates=validates)


def _configuration(project: Project) -> bytes:
    """Return the plugin's configuration; that there is none is for `test` and `run` to tell."""
    try:
        return project.configuration()
    except FilesError:
        return b""


def check_file(
    path: Path,
    hosts: Sequence[str] = (),
    *,
    max_size: int | None = None,
    setup: Setup = Setup(),  # noqa: B008 - a frozen value
    validates: bool = True,
) -> Checked:
    """Check a module in a file: for these proxies, else for all; raises as ``check_project``."""
    with module.naming(path):
        _check_size(path)
        content = files.read(path)
        return check_bytes(
            str(path), content, hosts, max_size=max_size, setup=setup, validates=validates
        )


def _check_size(path: Path) -> None:
    size = path.stat().st_size if path.is_file() else 0
    if size > _LARGEST_MODULE:
        raise NotAPluginError(
            f"it has {size:,} bytes, and no engine takes more than {_LARGEST_MODULE:,}",
            hint="name a compiled .wasm file; `wasmctl build` makes a module",
        )


def check_bytes(
    name: str,
    content: bytes,
    hosts: Sequence[str] = (),
    *,
    max_size: int | None = None,
    setup: Setup = Setup(),  # noqa: B008 - a frozen value
    validates: bool = True,
) -> Checked:
    """Check a module, found under a name; raises NotAPluginError and UsageError."""
    chosen = profiles.named(hosts)
    read = module.parse(content)
    found = [
        *profiles.check(read, chosen, max_size=max_size),
        *trial.findings(content, read, setup, validates=validates),
    ]
    return Checked(
        name=name,
        hosts=tuple(each.name for each in chosen),
        assumed=tuple(each.name for each in chosen if not each.is_measured),
        findings=profiles.in_order(found),
    )
