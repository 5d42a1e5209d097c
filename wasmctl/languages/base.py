"""What a language is to wasmctl: the programs, inputs and commands of a build, as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

# The words of a command; the first is the name of a Tool, which an engine replaces by a program.
Command = tuple[str, ...]

# Stands in a compile command for the file to write, relative to the project's folder.
OUTPUT = "{output}"


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A program that builds need, and what brings it where PATH does not.

    Attributes:
        name: its name on PATH, and the first word of the commands that run it.
        minimum: the oldest version that works.
        package: the Python package that holds the program.
        package_command: how the package's copy is started, as paths inside the package.
        extra: the extra of wasmctl that installs the package.

    """

    name: str
    title: str
    minimum: tuple[int, ...]
    package: str
    package_command: tuple[str, ...]
    extra: str


@dataclass(frozen=True, kw_only=True)
class Fetch:
    """How the packages that a project names come into its folder. It needs the network.

    Attributes:
        manifest: the file that names the packages.
        lock: the file that pins all of them; the first fetch writes it.
        folder: where they are put.
        pinned: installs what the lock pins, and changes no file of the project.
        unpinned: installs what the manifest names, and writes the lock.
        agrees: whether a lock still pins what a manifest names (manifest, lock).
        unreachable: words by which the output says that the network failed.

    """

    manifest: str
    lock: str
    folder: str
    pinned: Command
    unpinned: Command
    agrees: Callable[[bytes, bytes], bool]
    unreachable: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Language:
    """One language that plugins are written in.

    Attributes:
        name: as in ``wasmctl.toml`` and as the folder under ``templates/``.
        inputs: globs of the files a build depends on, unless the project says others.
        compile: writes OUTPUT, and needs no network.
        versions: what a build records beside its tools: a name, and the file that says its
            version, as plain text or as the ``version`` of a JSON object.
        sdk_folder: where ``init`` puts the language's SDK in a new project.

    """

    name: str
    title: str
    tools: tuple[Tool, ...]
    inputs: tuple[str, ...]
    fetch: Fetch
    compile: Command
    versions: Mapping[str, str]
    sdk_folder: str

    def tool(self, name: str) -> Tool:
        """Return the tool of that name."""
        return next(tool for tool in self.tools if tool.name == name)
