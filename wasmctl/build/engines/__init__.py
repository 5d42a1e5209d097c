"""What runs the commands of a build.

To add one: a module here with a class that fits Engine, and a line in ENGINES.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from wasmctl import spelling
from wasmctl.build.engines.local import LocalEngine
from wasmctl.errors import UsageError
from wasmctl.languages.base import Command, Language
from wasmctl.processes import Finished

AUTO = "auto"


class Engine(Protocol):
    """Runs the commands of a language's build, wherever its tools are."""

    @property
    def name(self) -> str:
        """Its name in ENGINES and in records of builds."""
        ...

    def version(self, language: Language, tool: str) -> str:
        """Return the version of a tool. Raises EnvironmentMissingError where it is missing."""
        ...

    def run(
        self, command: Command, *, language: Language, root: Path, on_line: Callable[[str], None]
    ) -> Finished:
        """Run a command in a project's folder; its output goes to ``on_line`` line by line."""
        ...


# The order is the order in which ``auto`` takes them.
ENGINES: dict[str, Engine] = {engine.name: engine for engine in (LocalEngine(),)}


def choose(name: str) -> Engine:
    """Return the engine of that name; ``auto`` is the first.

    Raises UsageError where there is none of that name.
    """
    if name == AUTO:
        return next(iter(ENGINES.values()))
    if name not in ENGINES:
        raise UsageError(
            f"no build engine is called {name!r}",
            hint=spelling.suggestion(name, [AUTO, *ENGINES]),
        )
    return ENGINES[name]
