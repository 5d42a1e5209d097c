"""What an engine is: something that has a language's tools, and runs the commands of a build."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from wasmctl.build.deadline import Deadline
from wasmctl.errors import EnvironmentMissingError
from wasmctl.languages.base import Command, Language, Places
from wasmctl.project import Project

# What is kept of a step's output for errors: compilers say most at the beginning and at the end.
_FIRST_LINES = 1000
_LAST_LINES = 1000

# A longer line is cut: it is no message of a compiler's.
LONGEST_LINE = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A step that has ended.

    Attributes:
        exit_code: negative: the signal that ended it.
        output: its output, of which a long middle is left out.
        reason: why it was ended, where that was not its own doing.

    """

    exit_code: int
    output: tuple[str, ...]
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Making:
    """A step that writes a module.

    Attributes:
        command: what makes it, once the places are known.
        made: where it is then.
        given: a module that the step begins with.

    """

    command: Callable[[Places], Command]
    made: Callable[[Places], str]
    given: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Order:
    """What an engine is to work on.

    Attributes:
        show: shows a line of progress.
        is_once: whether the project's folder is gone afterwards, so that nothing is kept for it.

    """

    project: Project
    language: Language
    show: Callable[[str], None]
    deadline: Deadline = field(default_factory=Deadline)
    is_once: bool = False


@dataclass(frozen=True, kw_only=True)
class BuilderImage:
    """The image of a build in a container: its name, and its digest."""

    name: str
    digest: str


class Workshop(Protocol):
    """An engine made ready for one project. Errors that a step meets are for its caller to tell."""

    @property
    def title(self) -> str:
        """What builds here, and where it is, in a few words."""
        ...

    @property
    def versions(self) -> Mapping[str, str]:
        """What the module's bytes depend on beside the project: tools by name, and an image."""
        ...

    @property
    def image(self) -> BuilderImage | None:
        """The image, where there is one."""
        ...

    @property
    def stamp(self) -> Path | None:
        """The file that says which packages are there already; None where only a fetch can tell."""
        ...

    def fetch(self, command: Command) -> Ran:
        """Fetch packages: with the network, and where the project can be written."""
        ...

    def make(self, making: Making) -> tuple[Ran, bytes | None]:
        """Make a module, without the network; None where there is none afterwards."""
        ...


class Engine(Protocol):
    """Something that builds."""

    @property
    def name(self) -> str:
        """Its name in ENGINES and in records of builds."""
        ...

    def obstacle(self, order: Order) -> EnvironmentMissingError | None:
        """Return what keeps it from building this, where that is known before it begins."""
        ...

    def opened(self, order: Order) -> AbstractContextManager[Workshop]:
        """Make it ready. Raises EnvironmentMissingError where it is not there."""
        ...

    def plan(self, order: Order) -> list[str]:
        """Return the commands of a build, as one would type them."""
        ...


def kept(lines: Iterable[str], show: Callable[[str], None]) -> tuple[str, ...]:
    """Show lines as they come; return them, without the middle where there are very many."""
    first: list[str] = []
    last: deque[str] = deque(maxlen=_LAST_LINES)
    count = 0
    for line in lines:
        text = line.rstrip("\r\n")
        show(text)
        count += 1
        if len(first) < _FIRST_LINES:
            first.append(text)
        else:
            last.append(text)
    left_out = count - len(first) - len(last)
    gap = [f"… {left_out} lines are left out …"] if left_out else []
    return (*first, *gap, *last)


def stamp_in_project(order: Order) -> Path | None:
    """Return the stamp of packages that are put into the project's own folder."""
    folder = order.language.fetch.folder
    # In the folder of the packages, so that whoever removes that removes the claim with it.
    return order.project.root / folder / ".installed-by-wasmctl" if folder else None
