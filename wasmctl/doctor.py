"""What is on this machine, and what each command needs."""

import contextlib
import functools
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from platformdirs import user_cache_path

from wasmctl import __version__, containers, processes
from wasmctl.build import tools
from wasmctl.envoy import locate
from wasmctl.errors import EnvironmentMissingError, WasmctlError
from wasmctl.languages import LANGUAGES
from wasmctl.languages.base import Tool

_PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked for.

    Attributes:
        detail: its version and place; where it is not usable, why.
        needed_by: the commands that need it.
        is_essential: whether a plugin can be built, tested and pushed without it.
        remedy: what to do, empty where there is nothing to do.

    """

    name: str
    is_usable: bool
    detail: str
    needed_by: tuple[str, ...]
    is_essential: bool
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class Examination:
    """All that was found, and what of the surroundings changes how commands behave."""

    findings: tuple[Finding, ...]
    surroundings: dict[str, str]

    @property
    def lacks(self) -> tuple[Finding, ...]:
        """The essential things that are not usable."""
        return tuple(one for one in self.findings if one.is_essential and not one.is_usable)


@dataclass(frozen=True, kw_only=True)
class _Question:
    """What to look for: ``look`` says what is there, or raises what is wrong."""

    name: str
    needed_by: tuple[str, ...]
    look: Callable[[], str]
    is_essential: bool = False


def examine() -> Examination:
    """Look for everything that a command may need. Starts programs; changes nothing."""
    return Examination(
        findings=tuple(_answer(question) for question in _questions()),
        surroundings={
            "wasmctl": __version__,
            "system": platform.platform(),
            "cache": _cache(),
            **_proxies(),
        },
    )


def _questions() -> Iterator[_Question]:
    yield _Question(name="Python", needed_by=("all",), is_essential=True, look=_python)
    yield from _tools()
    yield _Question(name="wasmtime", needed_by=("test",), is_essential=True, look=_wasmtime)
    yield _Question(name="Envoy", needed_by=("run", "test --on envoy"), look=_envoy)
    containers_of = ("build --engine container", "run --engine container")
    yield _Question(name="Docker Engine", needed_by=containers_of, look=_docker)
    yield _Question(name="git", needed_by=(), look=_git)


def _answer(question: _Question) -> Finding:
    try:
        detail, remedy = question.look(), ""
    except WasmctlError as error:
        detail, remedy = error.message, error.hint
    return Finding(
        name=question.name,
        is_usable=not remedy,
        detail=detail,
        needed_by=question.needed_by,
        is_essential=question.is_essential,
        remedy=remedy,
    )


def _python() -> str:
    return f"{platform.python_version()} at {sys.executable}"


def _tools() -> Iterator[_Question]:
    """Ask for the tools of every language; those of one are enough to build with."""
    looks = {tool.name: _tool_look(tool) for each in LANGUAGES.values() for tool in each.tools}
    is_buildable = any(
        all(_answers(looks[tool.name]) for tool in each.tools) for each in LANGUAGES.values()
    )
    for language in LANGUAGES.values():
        for tool in language.tools:
            yield _Question(
                name=tool.title,
                needed_by=("build",),
                is_essential=not is_buildable,
                look=looks[tool.name],
            )


def _tool_look(tool: Tool) -> Callable[[], str]:
    @functools.cache
    def look() -> str:
        found = tools.locate(tool)
        return f"{found.version} at {found.command[-1]}"

    return look


def _answers(look: Callable[[], str]) -> bool:
    with contextlib.suppress(WasmctlError):
        return bool(look())
    return False


def _wasmtime() -> str:
    return f"{metadata.version('wasmtime')}, which the embedded host runs plugins on"


def _envoy() -> str:
    path = locate.locate()
    return f"{locate.version(path) or 'of unknown version'}, with V8, at {path}"


def _docker() -> str:
    found = containers.engine()
    return f"{found.version}, API {found.api_version}, at {found.endpoint}"


def _git() -> str:
    path = processes.find("git")
    if not path:
        raise EnvironmentMissingError("not installed", hint="install the package git")
    return f"{processes.run([path, '--version']).output[0].split()[-1]} at {path}"


def _proxies() -> dict[str, str]:
    names = (spelling for name in _PROXY_VARIABLES for spelling in (name, name.lower()))
    return {name: _without_password(os.environ[name]) for name in names if os.environ.get(name)}


def _without_password(address: str) -> str:
    credentials, at, _rest = urlsplit(address).netloc.rpartition("@")
    return address.replace(credentials + at, "…@") if at else address


def _cache() -> str:
    folder = user_cache_path("wasmctl")
    size = sum(path.stat().st_size for path in _files_below(folder))
    return f"{folder} ({size / 1e6:.1f} MB)"


def _files_below(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
