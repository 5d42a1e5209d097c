"""What a language is to wasmctl: the programs, inputs and commands of a build, as data."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where a build happens, as its commands see it; they run in the project's folder.

    Attributes:
        output: the file for the compiler to write.
        work: a folder for what a compiler keeps from one build to the next.
        packages: the folder in which a tool keeps the packages of all projects, where the language
            names one in ``caches``.
        given: the module to optimize.

    """

    output: str = "{output}"
    work: str = "{work}"
    packages: str = "{packages}"
    given: str = "{given}"


# For those who ask what a command is, wherever it may run.
ANYWHERE = Places()


@dataclass(frozen=True, kw_only=True)
class Command:
    """One run of a program.

    Attributes:
        words: the first is the name of a Tool, which an engine replaces by a program.
        environment: what is added to the environment of whoever builds.

    """

    words: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def tool(self) -> str:
        """The name of the tool it runs."""
        return self.words[0]

    def __str__(self) -> str:
        """The command as one would type it."""
        settings = [f"{name}={shlex.quote(value)}" for name, value in self.environment.items()]
        return " ".join([*settings, shlex.join(self.words)])


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A program that builds need, and what brings it where PATH does not.

    Attributes:
        name: its name on PATH, and the first word of the commands that run it.
        version: the command that prints its version.
        banner: what stands before the number on the line with the version.
        minimum: the oldest version that works.
        package: the Python package that holds the program, empty where none does.
        package_command: how the package's copy is started, as paths inside the package.
        extra: the extra of wasmctl that installs the package.
        install: what to do where it is missing and no extra brings it.
        compiles: whether the module's bytes depend on its version.

    """

    name: str
    title: str
    version: Command
    banner: str = ""
    minimum: tuple[int, ...]
    package: str = ""
    package_command: tuple[str, ...] = ()
    extra: str = ""
    install: str = ""
    compiles: bool = True

    @property
    def remedy(self) -> str:
        """What to do where it is missing, or too old."""
        return (
            f"install it with: pip install 'wasmctl[{self.extra}]'" if self.extra else self.install
        )


@dataclass(frozen=True, kw_only=True)
class Fetch:
    """How the packages that a project names come to where the compiler finds them.

    It needs the network, and compiles nothing.

    Attributes:
        manifest: the file that names the packages.
        lock: the file that pins all of them; the first fetch writes it.
        folder: where in the project they are put; None where they go to the user's own cache,
            which the commands look through by themselves.
        pinned: fetches what the lock pins, and changes no file of the project.
        unpinned: fetches what the manifest names, and writes the lock.
        agrees: whether a lock still pins what a manifest names (manifest, lock); None where only
            the tool can tell, which then brings the lock up to date by ``unpinned``.
        drifted: words by which ``pinned`` says that the lock does not pin what the manifest names.
        unreachable: words by which the output says that the network failed.
        variables: those of the caller's environment that say from where, for a container's.
        vendored: the file that says, where it is there, that the project carries its packages
            with it; nothing is fetched then.

    """

    manifest: str
    lock: str
    folder: str | None
    pinned: Command
    unpinned: Command
    agrees: Callable[[bytes, bytes], bool] | None
    unreachable: tuple[str, ...]
    drifted: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    vendored: str | None = None


@dataclass(frozen=True, kw_only=True)
class Stated:
    """A version that a file of the project states.

    Attributes:
        file: its path in the project.
        pattern: a regular expression; its first group is the version.

    """

    file: str
    pattern: str


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What to do about an error that a tool prints.

    Attributes:
        pattern: a regular expression, found in one line of the output.
        hint: the remedy in one line, in which ``{0}`` stands for the first group, and so on.

    """

    pattern: str
    hint: str


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a compiler must bring with it for the machine that plugins run on.

    Attributes:
        command: prints, as its last line, the folder that is there where the target is.
        install: what to do where it is not.

    """

    name: str
    command: Command
    install: str


@dataclass(frozen=True, kw_only=True)
class Language:
    """One language that plugins are written in.

    Attributes:
        name: as in ``wasmctl.toml`` and as the folder under ``templates/``.
        inputs: globs of the files a build depends on, unless the project says others.
        compile: makes the command that writes the module; it needs no network.
        made: where it leaves the module.
        unmade: what to do where it ends well and has written none.
        caches: the variable that names a tool's folder of packages or results, and its name in a
            builder's cache; the first is ``Places.packages``.
        packages_folder: the value of the first of them that holds where it is not set.
        target: what the local compiler must have.
        optimize_flags: what wasm-opt has to be told of the compiler's output.
        versions: what a build records beside its tools.
        remedies: for errors whose own words do not say what to do; the first that fits is shown.
        sdk_folder: where ``init`` puts the SDK that wasmctl ships; None where there is none.

    """

    name: str
    title: str
    tools: tuple[Tool, ...]
    inputs: tuple[str, ...]
    fetch: Fetch
    compile: Callable[[Places], Command]
    made: Callable[[Places], str] = lambda places: places.output
    unmade: str = "see what the compiler says"
    caches: Mapping[str, str]
    packages_folder: str = ""
    target: Target | None = None
    optimize_flags: tuple[str, ...] = ()
    versions: Mapping[str, Stated]
    remedies: tuple[Remedy, ...] = ()
    sdk_folder: str | None = None

    @property
    def compilers(self) -> tuple[Tool, ...]:
        """The tools on whose versions the module's bytes depend."""
        return tuple(tool for tool in self.tools if tool.compiles)

    @property
    def results(self) -> tuple[str, ...]:
        """The variables of the caches with what compilers made, and not with packages."""
        return tuple(self.caches)[1:]

    def tool(self, name: str) -> Tool:
        """Return the tool of that name."""
        return next(tool for tool in self.tools if tool.name == name)
