"""Builds with the programs of this machine."""

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from wasmctl import files, processes
from wasmctl.build import scratch, tools
from wasmctl.build.engines import trust
from wasmctl.build.engines.base import (
    LONGEST_LINE,
    BuilderImage,
    Making,
    Order,
    Ran,
    kept,
    stamp_in_project,
)
from wasmctl.errors import EnvironmentMissingError
from wasmctl.languages.base import Command, Language, Places, Tool
from wasmctl.languages.wasm_opt import WASM_OPT
from wasmctl.processes import Process

# What a compiler keeps between builds, for those that do not keep it elsewhere; as cargo's own.
_WORK = "target"


class LocalEngine:
    """Starts a language's tools from PATH, or from the Python packages that bring them."""

    name = "local"

    def obstacle(self, order: Order) -> EnvironmentMissingError | None:
        """Return which tool is missing, or too old, or lacks the target."""
        try:
            _check_presence(order)
            _check_target(order.language)
            for tool in _compilers(order):
                tools.locate(tool)
        except EnvironmentMissingError as error:
            return error
        return None

    @contextlib.contextmanager
    def opened(self, order: Order) -> Iterator["LocalWorkshop"]:
        """Make it ready. Raises EnvironmentMissingError where a tool is missing."""
        obstacle = self.obstacle(order)
        if obstacle:
            raise obstacle
        yield LocalWorkshop(order)

    def plan(self, order: Order) -> list[str]:
        """Return the commands of a build, as one would type them."""
        root, language = order.project.root.resolve(), order.language
        places = _places(order, str(order.project.output.resolve()))
        steps = [language.fetch.pinned, language.compile(places)]
        return [f"cd {root}", *(str(step) for step in steps)]


class LocalWorkshop:
    """A project's folder on this machine."""

    image: BuilderImage | None = None

    def __init__(self, order: Order) -> None:
        self._order = order
        self.stamp = stamp_in_project(order)

    @property
    def title(self) -> str:
        """The compiler, and where it came from."""
        found = tools.locate(self._order.language.compilers[-1])
        return f"{found.tool.title} {found.version} of {found.source}"

    @cached_property
    def versions(self) -> Mapping[str, str]:
        """The versions of the copies that a step would start."""
        return {tool.name: tools.locate(tool).version for tool in _compilers(self._order)}

    def fetch(self, command: Command) -> Ran:
        """Fetch packages to where the tools of this user look for them."""
        if not self._order.project.file.network.ca_file:
            return self._run(command)  # what the tools of this user trust
        with scratch.folder(Path(tempfile.gettempdir())) as folder:
            files.write(folder / "ca.pem", trust.certificates(self._order))
            known = {**command.environment, **trust.trusting(str(folder / "ca.pem"))}
            return self._run(command, environment=known)

    def make(self, making: Making) -> tuple[Ran, bytes | None]:
        """Make a module in a folder that is gone afterwards, beside the project's own."""
        output = self._order.project.output
        with scratch.folder(output.parent) as folder:
            given = folder / "given.wasm"
            if making.given is not None:
                files.write(given, making.given)
            root = self._order.project.root
            inside = [os.path.relpath(path, root) for path in (folder / output.name, given)]
            places = _places(self._order, *inside)
            ran = self._run(making.command(places))
            made = root / making.made(places)
            if ran.exit_code or not made.is_file():
                return ran, None
            content = files.read(made)
            _check_room(folder, len(content))
            return ran, content

    def _run(self, command: Command, environment: Mapping[str, str] | None = None) -> Ran:
        self._order.show(f"$ {command}")
        tool = self._tool(command.tool)
        with (
            processes.watched(
                [*tools.locate(tool).command, *command.words[1:]],
                folder=self._order.project.root,
                environment={**(environment or command.environment), **self._results()},
            ) as process,
            self._order.deadline.ending(lambda: processes.end(process)),
        ):
            output = kept(_lines(process), self._order.show)
            return Ran(exit_code=process.wait(), output=output)

    def _results(self) -> dict[str, str]:
        order = self._order
        own = order.language.results if order.is_once else ()
        return {name: str(order.project.root.resolve() / _WORK / name) for name in own}

    def _tool(self, name: str) -> Tool:
        return WASM_OPT if name == WASM_OPT.name else self._order.language.tool(name)


def _compilers(order: Order) -> tuple[Tool, ...]:
    extra = (WASM_OPT,) if order.project.file.build.optimize else ()
    return (*order.language.compilers, *extra)


def _places(order: Order, output: str, given: str = "") -> Places:
    language = order.language
    variable = next(iter(language.caches))
    packages = os.environ.get(variable) or os.path.expanduser(language.packages_folder)  # noqa: PTH111 - may be empty
    return Places(output=output, work=_WORK, packages=packages, given=given)


def _check_presence(order: Order) -> None:
    for tool in order.language.tools:
        if not tools.is_there(tool):  # asking npm for its version takes a while
            raise tools.missing(tool, [])


def _check_target(language: Language) -> None:
    target = language.target
    if target is None:
        return
    said = processes.run(target.command.words)
    if not said.output or not Path(said.output[-1]).is_dir():
        raise EnvironmentMissingError(
            f"{language.title} is installed without the target {target.name}", hint=target.install
        )


def _check_room(folder: Path, size: int) -> None:
    # On a full disk the AssemblyScript compiler writes half a module and reports success.
    if shutil.disk_usage(folder).free < size:
        full = OSError(errno.ENOSPC, "")
        raise files.refusal(full, "write in", folder.parent) from full


def _lines(process: Process) -> Iterator[str]:
    output = process.stdout
    if output:
        yield from iter(lambda: output.readline(LONGEST_LINE), "")
